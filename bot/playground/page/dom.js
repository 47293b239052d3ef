// Making elements. No mark-up is ever made from text, so nothing that a person writes can become code.

export const $ = (id) => document.getElementById(id);

/** An element with these properties or attributes and children; children that are nothing are left out. */
export function make(tag, about = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === undefined || value === null) continue;
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the symbols at the end of index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A button with an icon; screen readers read `label`. */
export const iconButton = (name, label, onclick, more = {}) =>
  make("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...more }, icon(name));

/** Refill `node` if `made` differs from last time. The focus stays where it is. */
export function renew(node, made, build) {
  if (node.made === made) return;
  node.made = made;
  const inside = () => [...node.querySelectorAll("button, summary")];
  const focused = inside().indexOf(document.activeElement);
  node.replaceChildren(...build());
  inside()[focused]?.focus();
}

/** A round picture of somebody: the first letter on a colour of their own. */
export function avatar(name, number) {
  return make("span", { class: `avatar a${Math.abs(number) % 6}`, "aria-hidden": "true" }, [...name][0] ?? "?");
}

/** A picture. If it cannot be shown, the icon of a file takes its place. */
export function picture(about) {
  const node = make("img", about);
  node.onerror = () => node.replaceWith(make("span", { class: "undecodable" }, icon("file")));
  return node;
}

/** The bot's avatar, which is the page's icon. */
export const botFace = () => make("img", { class: "avatar", src: "icon.svg", alt: "" });

/** Open a <dialog>. Resolves with the value of the button that closed it, or "". */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]")) target.closest("dialog").close("");
});
