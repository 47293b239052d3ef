// Every HTTP request of the page: to the control interface at control/<token>/ and to the supervisor at house, both
// below the page's own address, which holds the secret of this start of the playground.

let base = "";

/** The server gave no answer: the playground has ended. */
export class ServerGone extends Error {
  constructor() {
    super("The playground does not answer.");
  }
}

/** Ask the server. Throws ServerGone, or an Error with the sentence of its refusal. */
async function ask(path, options) {
  const answer = await fetch(path, options).catch(() => {
    throw new ServerGone();
  });
  const result = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(result?.error ?? `${path} answers ${answer.status}`);
  return result;
}

/** Wait for the first bot and show its chats. Resolves with what the supervisor says, or null without a supervisor. */
export async function connect() {
  for (;;) {
    const about = await supervisor.read();
    const token = about?.token ?? (await ask("control/bots"))[0];
    if (token) {
      base = `control/${token}/`;
      return about;
    }
    await pause(300);
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Read from the control interface: "chats", "overview", "chat/1001", ... */
export const get = (path) => ask(base + path);

/** Let a person do something. */
export const act = (name, about = {}) => ask(base + name, { method: "POST", body: JSON.stringify(about) });

/** Upload a file. Resolves with the key by which `send` finds it. */
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
      if (!(error instanceof ServerGone)) throw error;
      lost();
      while (!(await isBack())) await pause(1000);
      location.reload();
    }
  }
}

const isBack = () =>
  ask("control/bots").then(
    () => true,
    () => false,
  );

// The supervisor runs the bot's process. It exists only if the playground was started together with its bot.

export const supervisor = {
  /** The state of the bot; null without a supervisor. */
  read: () =>
    ask("house").catch((error) => {
      if (error instanceof ServerGone) throw error;
      return null;
    }),
  samples: () => ask("house/samples"),
  sampleUrl: (name) => `house/samples/${encodeURIComponent(name)}`,
  async sample(name) {
    const answer = await fetch(supervisor.sampleUrl(name));
    return new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") });
  },
  mail: () => ask("house/mail"),
  /** Open a sealed package with the lab's key: {order, address, print}. */
  unseal: (file) => ask("house/lab/open", { method: "POST", body: JSON.stringify({ file }) }),
  /** kill, stop, start or search. */
  do: (what) => ask(`house/${what}`, { method: "POST" }),
};
