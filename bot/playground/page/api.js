// Everything that goes over the wire: the control interface at /control/<token>/ and the house at /house.

let base = "";

/** There was no answer: the playground has ended. */
export class Lost extends Error {
  constructor() {
    super("The playground does not answer.");
  }
}

/** Ask the server. Throws Lost, or an Error with the sentence of its refusal. */
async function ask(path, options) {
  const answer = await fetch(path, options).catch(() => {
    throw new Lost();
  });
  const result = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(result?.error ?? `${path} answers ${answer.status}`);
  return result;
}

/** Find the bot whose chats are shown, as soon as there is one; the house, where there is one. */
export async function connect() {
  for (;;) {
    const about = await house.read();
    const token = about?.token ?? (await ask("/control/bots"))[0];
    if (token) {
      base = `/control/${token}/`;
      return about;
    }
    await pause(300);
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the control interface shows: "chats", "overview", "chat/1001", ... */
export const get = (path) => ask(base + path);

/** Something that a person does. */
export const act = (name, about = {}) => ask(base + name, { method: "POST", body: JSON.stringify(about) });

/** Bring a file over; the key that `send` knows it by. */
export async function upload(file) {
  const query = new URLSearchParams({ name: file.name, mime: file.type });
  return (await ask(`${base}upload?${query}`, { method: "POST", body: file })).upload;
}

export const fileUrl = (id) => `${base}file/${encodeURIComponent(id)}`;
export const pictureUrl = (id) => `${fileUrl(id)}?as=picture`;

/** Call `changed` now and at every change, for as long as the page is open. */
export async function follow(changed, lost) {
  for (let version = -1; ;) {
    try {
      await changed();
      version = (await get(`changes?after=${version}&seconds=25`)).version;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      lost();
      while (!(await isBack())) await pause(1000);
      location.reload();
    }
  }
}

const isBack = () =>
  ask("/control/bots").then(
    () => true,
    () => false,
  );

// The house: the bot's own process. It is there only when the playground was started together with its bot.

export const house = {
  /** How the bot is; null where there is no house. */
  read: () =>
    ask("/house").catch((error) => {
      if (error instanceof Lost) throw error;
      return null;
    }),
  samples: () => ask("/house/samples"),
  sampleUrl: (name) => `/house/samples/${encodeURIComponent(name)}`,
  async sample(name) {
    const answer = await fetch(house.sampleUrl(name));
    return new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") });
  },
  mail: () => ask("/house/mail"),
  /** A sealed package, opened with the lab's key: {order, address, print}. */
  unseal: (file) => ask("/house/lab/open", { method: "POST", body: JSON.stringify({ file }) }),
  /** kill, stop, start or search. */
  do: (what) => ask(`/house/${what}`, { method: "POST" }),
};
