// Shows pictures in full size, one after the other, or two of them under a slider.

import { $, iconButton, icon, make, picture } from "./dom.js";
import { size } from "./format.js";
import { fileUrl, pictureUrl } from "./api.js";

const box = $("lightbox");
const MOST_COMPARED = 25e6; // pixels
const SAME_SHAPE = 0.02; // pictures whose sides differ by more than this share lie beside each other

/** Show the picture `id` of `pictures`; arrow keys and buttons go to its neighbours. */
export function open(pictures, id) {
  let at = pictures.findIndex((each) => each.id === id);
  const go = (step) => {
    at = (at + step + pictures.length) % pictures.length;
    show(pictures[at]);
  };
  const show = (about) => {
    const stage = make(
      "div",
      { class: "stage", tabIndex: 0 },
      picture({ src: pictureUrl(about.id), alt: about.name }),
    );
    const zoom = iconButton("zoom", "Actual size", () =>
      zoom.setAttribute("aria-pressed", stage.classList.toggle("actual")),
    );
    zoom.setAttribute("aria-pressed", "false");
    const tools = [zoom, download(about)];
    const back = iconButton("back", "Previous picture", () => go(-1), { class: "icon previous" });
    const next = iconButton("next", "Next picture", () => go(1), { class: "icon next" });
    fill(about.name, caption(about), tools, stage, ...(pictures.length > 1 ? [back, next] : []));
  };
  box.onkeydown = ({ key }) => {
    if (key === "ArrowLeft") go(-1);
    if (key === "ArrowRight") go(1);
  };
  show(pictures[at]);
}

/** Compare two pictures: under a slider if their shapes match, else side by side. */
export async function compare(before, after) {
  box.onkeydown = null;
  const images = [before, after].map((each, at) =>
    make("img", { src: pictureUrl(each.id), alt: at ? "After" : "Before" }),
  );
  await Promise.all(images.map((image) => image.decode().catch(() => {})));
  const [a, b] = images.map((image) => image.naturalWidth / image.naturalHeight);
  const stage =
    Math.abs(a / b - 1) < SAME_SHAPE ? slider(images) : make("div", { class: "stage pair", tabIndex: 0 }, ...images);
  const same = areIdentical(...images) ? ": identical, pixel by pixel" : "";
  fill(after.name, `${figures(before, images[0])} → ${figures(after, images[1])}${same}`, [download(after)], stage);
}

/** True if every pixel is the same, as this browser shows them. */
function areIdentical(one, other) {
  const { naturalWidth: width, naturalHeight: height } = one;
  if (width !== other.naturalWidth || height !== other.naturalHeight || width * height > MOST_COMPARED) return false;
  const pixels = (image) => {
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    context.drawImage(image, 0, 0);
    return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  };
  const [left, right] = [pixels(one), pixels(other)];
  return left.every((pixel, at) => pixel === right[at]);
}

const figures = (about, image) =>
  [...(about.small ? [] : [`${image.naturalWidth} × ${image.naturalHeight}`]), size(about.bytes)].join(", ");

function slider([before, after]) {
  const range = make("input", {
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    step: 0.5,
    "aria-label": "Before or after",
  });
  const frame = make(
    "div",
    { class: "slider" },
    after,
    before,
    make("span", { class: "edge" }),
    tag("Before"),
    tag("After"),
    range,
  );
  // The frame has the shape of the larger one; both fill it.
  const largest = before.naturalWidth > after.naturalWidth ? before : after;
  frame.style.setProperty("--shape", largest.naturalWidth / largest.naturalHeight);
  const move = () => frame.style.setProperty("--at", `${range.value}%`);
  range.oninput = move;
  move();
  return make("div", { class: "stage" }, frame);
}

const tag = (text) => make("span", { class: `tag ${text.toLowerCase()}`, "aria-hidden": "true" }, text);

const caption = (about) => (about.small ? `a small preview of ${size(about.bytes)}` : size(about.bytes));

const download = (about) =>
  make(
    "a",
    {
      class: "icon",
      href: fileUrl(about.file),
      download: about.name,
      "aria-label": `Download ${about.name}`,
      title: "Download",
    },
    icon("download"),
  );

function fill(name, about, tools, ...rest) {
  const close = iconButton("close", "Close", () => box.close());
  const head = make("header", {}, make("p", {}, make("b", {}, name), make("small", {}, about)), ...tools, close);
  box.replaceChildren(head, ...rest);
  if (!box.open) box.showModal();
  (box.querySelector("input") ?? box.querySelector(".stage")).focus(); // the old content took the focus with it
}

box.onclick = ({ target }) => {
  if (target === box || target.matches(".stage")) box.close();
};
box.onclose = () => box.replaceChildren(); // keeps no picture that is not shown
