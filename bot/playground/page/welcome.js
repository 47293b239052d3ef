// The welcome in an empty chat: samples to send to the bot.

import { make } from "./dom.js";
import { attempt } from "./notices.js";
import { sendSample } from "./composer.js";
import { supervisor } from "./api.js";

/** A card of samples. A click sends one; once the bot shows its menu, the page presses the menu's first button. */
export function welcome(pane) {
  const { samples } = pane.world;
  const card = (sample) => {
    const picture = make("img", {
      src: supervisor.sampleUrl(sample.name),
      alt: "",
      width: sample.width,
      height: sample.height,
    });
    const button = make("button", { type: "button", class: "sample" }, picture, make("span", {}, sample.label));
    button.onclick = () => attempt(() => choose(sample, pane));
    return make("li", {}, button);
  };
  const told = samples.length
    ? [
        make(
          "p",
          {},
          "Pick a photo. It goes to the bot as it is; the bot asks you once whether you agree, and this page then presses “Remove metadata”, the first button of its menu, for you.",
        ),
        make("ul", { class: "samples" }, samples.map(card)),
        make(
          "p",
          { class: "hint" },
          "Or drop, paste or attach a photo of yours, or type / for the commands. Everything stays in this computer’s memory and ends with the playground.",
        ),
      ]
    : [make("p", {}, "Drop, paste or attach a photo, or type / for the commands.")];
  return make(
    "section",
    { class: "welcome", "aria-label": "Welcome" },
    make("h3", {}, "A private place to try Darkroom"),
    ...told,
  );
}

async function choose(sample, pane) {
  const { message_id: id } = await sendSample(sample, pane);
  pane.pressFirstButtonUnder(id);
}
