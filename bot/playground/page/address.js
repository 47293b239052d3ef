// The fields that an invoice asks for: name, phone, e-mail and postal address.

import { make } from "./dom.js";

/** Everything that the Bot API's `need_...` can ask for (https://core.telegram.org/bots/api#orderinfo). */
const FIELDS = {
  name: [["name", "Name", { autocomplete: "name", maxLength: 64 }]],
  email: [["email", "E-mail", { autocomplete: "email", type: "email" }]],
  phone_number: [["phone_number", "Phone", { autocomplete: "tel", type: "tel", pattern: "[+]?[0-9 \\(\\)\\-]{5,20}" }]],
  shipping_address: [
    ["street_line1", "Street and number", { autocomplete: "address-line1", maxLength: 64 }],
    ["street_line2", "More of the address", { autocomplete: "address-line2", maxLength: 64, required: false }],
    ["post_code", "Postcode", { autocomplete: "postal-code", maxLength: 10 }],
    ["city", "City", { autocomplete: "address-level2", minLength: 2, maxLength: 64 }],
    ["state", "State, if any", { autocomplete: "address-level1", maxLength: 64, required: false }],
    ["country_code", "Country", { autocomplete: "country" }],
  ],
};

const HALF_A_LINE = ["post_code", "city", "state", "country_code"];

const remembered = new Map(); // person -> what they typed last, as Telegram saves it

/** The labelled fields for these needs, filled with what `person` typed last. */
export function orderFields(needs, person) {
  const typed = remembered.get(person) ?? {};
  const wanted = Object.keys(FIELDS).filter((need) => needs.includes(need));
  return wanted
    .flatMap((need) => FIELDS[need])
    .map(([name, label, about]) => {
      const field = name === "country_code" ? countryField(name, about) : make("input", { name, required: true, ...about });
      field.value = typed[name] ?? "";
      return make("label", { class: HALF_A_LINE.includes(name) ? "" : "whole" }, label, field);
    });
}

/** The typed fields as an OrderInfo. They are remembered for `person`. */
export function orderInfo(form, needs, person) {
  const typed = Object.fromEntries(new FormData(form));
  remembered.set(person, { ...remembered.get(person), ...typed });
  const address = () => Object.fromEntries(FIELDS.shipping_address.map(([name]) => [name, typed[name]]));
  return Object.fromEntries(needs.map((need) => [need, need === "shipping_address" ? address() : typed[need]]));
}

/** A made-up address in Berlin, with a number that is kept free for films. */
export function fillExample(form, firstName) {
  const example = {
    name: `${firstName} Example`,
    email: `${firstName.normalize("NFKD").replace(/[^A-Za-z]/g, "") || "somebody"}@example.org`.toLowerCase(),
    phone_number: "+49 30 23125 014",
    street_line1: "Musterstraße 12",
    street_line2: "",
    post_code: "10115",
    city: "Berlin",
    state: "",
    country_code: "DE",
  };
  for (const [name, value] of Object.entries(example)) if (form.elements[name]) form.elements[name].value = value;
}

const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** A country by its two letters. */
export const country = (code) => names.of(code) ?? code;

function countryField(name, about) {
  const choices = countries().map(([code, text]) => make("option", { value: code }, text));
  return make("select", { name, required: true, ...about }, make("option", { value: "" }, "Choose a country"), choices);
}

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const NO_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split(" "); // that have names all the same

let known;

/** [code, name] of each country, sorted by name. Retired codes, which lead to their successors, are left out. */
function countries() {
  const codes = LETTERS.flatMap((one) => LETTERS.map((other) => one + other));
  const inUse = (code) => !NO_COUNTRIES.includes(code) && new Intl.Locale(`und-${code}`).region === code;
  known ??= codes
    .filter((code) => inUse(code) && names.of(code))
    .map((code) => [code, names.of(code)])
    .sort(([, one], [, other]) => one.localeCompare(other));
  return known;
}
