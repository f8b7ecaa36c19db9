/** The demo's page: draws what the server tells, sends what is pressed. Knows no state of its own. */

const CONTROLS = {
  bedroom_motion: { label: "Rör dig i sovrummet", icon: "walk" },
  hall_motion: { label: "Rör dig i hallen", icon: "walk" },
  door_open: { label: "Öppna ytterdörren", icon: "door" },
  door_close: { label: "Stäng ytterdörren", icon: "doorClosed" },
  sos: { label: "Tryck på larmknappen", icon: "sos", urgent: true },
};

const BEHAVIOURS = [
  ["ok", "svarar"],
  ["error_500", "fel 500"],
  ["hang", "hänger"],
];

const BEHAVIOUR_CHANGES = {
  ok: "telefonen svarar",
  error_500: "telefonen ger fel 500",
  hang: "telefonen hänger",
};

const ICONS = {
  walk: "M13 4.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM7 22l3-6 .5-4M10.5 12 9 9l3-2.5L14 9l3 1M12 12l2.5 4L16 22M9 9l-3 3",
  door: "M4 21h16M6 21V4l9-2v19M15 5h3v16M12 12h.01",
  doorClosed: "M4 21h16M6 21V3h12v18M14.5 12h.01",
  sos: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7.5v5.5M12 16.5h.01",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  close: "M6 6l12 12M18 6 6 18",
};

const CLOCK = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
const EXACT = new Intl.DateTimeFormat("sv-SE", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  timeZone: "Europe/Stockholm",
});

const byId = (id) => document.getElementById(id);

/** Make an element: make("button", {class: "x", onclick}, child, …). */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Draw one of the icons above. */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Send a deed to the server; what it refuses is told. */
async function send(path, body = {}) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) toast((await response.json()).error);
  } catch {
    toast("Demon svarar inte.");
  }
}

let toastTimer = 0;

/** Show a sentence for a while. */
function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), 6000);
}

/** Keep a button from being pressed twice while its deed is under way. */
function once(deed) {
  return async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    await deed();
    button.disabled = false;
  };
}

/** Say in words what a line of a phone's log tells. */
function describe(entry) {
  switch (entry.kind) {
    case "registered":
      return "registrerad i Home Assistant";
    case "shown":
      return `visar ”${entry.title || entry.message}”`;
    case "cleared":
      return "notisen togs bort";
    case "refused":
      return `push kom inte fram (500): ${entry.title || entry.message}`;
    case "hung":
      return `push får inget svar: ${entry.title || entry.message}`;
    case "receipt":
      return "kvittens: mottagen";
    case "pressed":
      return `tryckte ${entry.title}`;
    case "opened":
      return `öppnade ${entry.uri}`;
    case "dismissed":
      return "notisen lades undan";
    case "answer_failed":
      return `svaret kom inte fram: ${entry.error}`;
    case "behaviour":
      return BEHAVIOUR_CHANGES[entry.behaviour];
    default:
      return entry.kind;
  }
}

/** One virtual phone; built once, then updated. */
class Phone {
  constructor(phone) {
    this.id = phone.id;
    this.cards = new Map();
    this.screen = make("div", { class: "screen", "aria-live": "polite" });
    this.empty = make("p", { class: "quiet empty" }, "Inga notiser");
    this.log = make("ol", { class: "log" });
    this.clock = make("span", { class: "clock" });
    this.radios = BEHAVIOURS.map(([value]) =>
      make("input", {
        type: "radio",
        name: `behaviour-${phone.id}`,
        value,
        onchange: () => send(`/api/phones/${phone.id}/behaviour`, { behaviour: value }),
      }),
    );
    this.element = this.build(phone);
    this.update(phone);
  }

  build(phone) {
    const number = phone.number ? ` · ${phone.number}` : "";
    return make(
      "article",
      { class: "phone", "data-os": phone.os, "aria-label": `${phone.name}, ${phone.group}` },
      make(
        "div",
        { class: "case" },
        make("div", { class: "status" }, this.clock, make("span", { class: "camera" }), make("span", { class: "battery" })),
        make("p", { class: "lock-clock", "aria-hidden": "true" }),
        this.screen,
        make("div", { class: "bar" }),
      ),
      make("h3", {}, phone.name),
      make("p", { class: "quiet" }, `${phone.os}${number}`),
      make(
        "fieldset",
        { class: "behaviour" },
        make("legend", { class: "visually-hidden" }, "Hur telefonen beter sig"),
        ...BEHAVIOURS.map(([, label], index) => make("label", {}, this.radios[index], make("span", {}, label))),
      ),
      make("details", { class: "log-box", open: true }, make("summary", {}, "Händelser"), this.log),
    );
  }

  update(phone) {
    for (const radio of this.radios) radio.checked = radio.value === phone.behaviour;
    this.element.dataset.behaviour = phone.behaviour;
    this.updateCards(phone.notifications);
    this.log.replaceChildren(
      ...phone.log.map((entry) =>
        make("li", { "data-kind": entry.kind }, make("time", {}, EXACT.format(new Date(entry.at))), describe(entry)),
      ),
    );
  }

  /** Keep the cards that are still shown, so that only a new one moves. */
  updateCards(notifications) {
    const cards = new Map();
    for (const shown of notifications) {
      const key = `${shown.tag} ${shown.at}`;
      cards.set(key, this.cards.get(key) ?? this.card(shown));
    }
    this.cards = cards;
    this.screen.replaceChildren(...(cards.size ? cards.values() : [this.empty]));
  }

  card(shown) {
    const buttons = shown.actions.map((action) =>
      make(
        "button",
        {
          type: "button",
          class: action.destructive ? "destructive" : null,
          onclick: once(() => send(`/api/phones/${this.id}/press`, { tag: shown.tag, action: action.id })),
        },
        action.locked ? icon("lock") : null,
        action.title,
      ),
    );
    const dismiss = make(
      "button",
      {
        type: "button",
        class: "dismiss",
        "aria-label": "Lägg undan",
        onclick: once(() => send(`/api/phones/${this.id}/dismiss`, { tag: shown.tag })),
      },
      icon("close"),
    );
    const copies = shown.copies > 1 ? make("span", { class: "copies" }, `${shown.copies} likadana`) : null;
    return make(
      "section",
      { class: shown.critical ? "card critical" : "card" },
      make("p", { class: "app" }, "Home Assistant", make("time", {}, CLOCK.format(new Date(shown.at))), copies, dismiss),
      make("h4", {}, shown.title),
      make("p", { class: "message" }, shown.message),
      make("div", { class: "buttons" }, ...buttons),
    );
  }
}

const phones = new Map();

/** Draw the phones of each receiver group side by side. */
function showPhones(list) {
  phones.clear();
  const groups = Map.groupBy(list, (phone) => phone.group);
  byId("groups").replaceChildren(
    ...[...groups].map(([group, members]) => {
      const shown = members.map((phone) => new Phone(phone));
      for (const phone of shown) phones.set(phone.id, phone);
      const row = make("div", { class: "phones" }, ...shown.map((phone) => phone.element));
      return make("section", { class: "group", "aria-label": group }, make("h2", {}, group), row);
    }),
  );
}

/** Draw the home's controls. */
function showControls(names) {
  byId("controls").replaceChildren(
    ...names.map((name) => {
      const { label = name, icon: drawing = "sos", urgent = false } = CONTROLS[name] ?? {};
      const attributes = { type: "button", class: urgent ? "control urgent" : "control" };
      attributes.onclick = once(() => send(`/api/home/${name}`));
      return make("button", attributes, icon(drawing), label);
    }),
  );
}

/** Draw the latest alarm; each line with the time since its first. */
function showTimeline({ title, entries }) {
  byId("alarm").textContent = title;
  byId("no-alarm").hidden = entries.length > 0;
  const first = entries.length ? Date.parse(entries[0].at) : 0;
  byId("timeline").replaceChildren(
    ...entries.map((entry) => {
      const since = ((Date.parse(entry.at) - first) / 1000).toLocaleString("sv-SE", { minimumFractionDigits: 3 });
      const time = make("time", { title: `+${since} s` }, EXACT.format(new Date(entry.at)));
      return make("li", { "data-tone": entry.tone }, time, make("span", {}, entry.text));
    }),
  );
}

/** Draw everything anew. */
function showAll(state) {
  byId("hass").href = state.home_assistant.url;
  byId("username").textContent = state.home_assistant.username;
  byId("password").textContent = state.home_assistant.password;
  showControls(state.controls);
  showPhones(state.phones);
  showTimeline(state.timeline);
  tick();
}

/** Show the time of day on every phone. */
function tick() {
  const now = CLOCK.format(new Date());
  for (const element of document.querySelectorAll(".clock, .lock-clock")) element.textContent = now;
}

/** Follow the server; the browser reconnects by itself and then gets a snapshot again. */
function follow() {
  const events = new EventSource("/api/events");
  events.addEventListener("snapshot", (event) => showAll(JSON.parse(event.data)));
  events.addEventListener("timeline", (event) => showTimeline(JSON.parse(event.data)));
  events.addEventListener("phone", (event) => {
    const phone = JSON.parse(event.data);
    phones.get(phone.id)?.update(phone);
  });
  events.addEventListener("open", () => (byId("offline").hidden = true));
  events.addEventListener("error", () => (byId("offline").hidden = false));
}

setInterval(tick, 5000);
follow();
