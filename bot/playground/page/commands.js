// The commands that the bot has set for a chat, offered while "/" is being typed.

import { make } from "./dom.js";

/** The commands of the narrowest scope that has any, in the person's language or in none, as Telegram shows them. */
export function commandsFor(profile, chat, language) {
  const scopes =
    chat < 0
      ? [`${chat}:chat_administrators`, `${chat}:chat`, "all_chat_administrators", "all_group_chats"]
      : [`${chat}:chat`, "all_private_chats"];
  for (const scope of [...scopes, "default"]) {
    const found = profile[`commands:${scope}:${language}`] ?? profile[`commands:${scope}:`];
    if (found?.length) return found;
  }
  return [];
}

let lists = 0; // so that each has a name of its own

/** A list above `field` that follows what is typed. `commands()` returns the current commands; `choose` sends one. */
export function suggest(field, commands, choose) {
  const list = make("div", {
    class: "commands",
    role: "listbox",
    id: `commands-${(lists += 1)}`,
    "aria-label": "Commands",
    hidden: true,
  });
  let at = -1;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);

  function show(found) {
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    mark(found.length ? 0 : -1);
  }

  function option({ command, description }, number) {
    const about = { role: "option", id: `${list.id}-${number}`, "data-command": `/${command}` };
    return make(
      "div",
      { ...about, onclick: () => take(`/${command}`) },
      make("b", {}, `/${command}`),
      make("span", {}, description),
    );
  }

  function mark(number) {
    at = number;
    [...list.children].forEach((node, each) => node.setAttribute("aria-selected", String(each === at)));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    if (at < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", list.children[at].id);
  }

  function take(command) {
    show([]);
    choose(command);
  }

  field.addEventListener("input", () => {
    const typed = /^\/(\w*)$/.exec(field.value);
    show(typed ? commands().filter(({ command }) => command.startsWith(typed[1])) : []);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") mark((at + 1) % count);
    else if (event.key === "ArrowUp") mark((at - 1 + count) % count);
    else if (event.key === "Enter") take(list.children[at].dataset.command);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  field.addEventListener("blur", () => setTimeout(() => list.contains(document.activeElement) || show([]), 150));
  return { list, open: () => show(list.hidden ? commands() : []) };
}
