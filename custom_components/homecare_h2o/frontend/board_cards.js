// @ts-check
/** The cards of the dashboard, section by section: Home Assistant's own, from what the browser already knows. */

import { Board, PANEL, PLATFORM, any, headed, is, isNot, said, section, tile, warned } from "./board.js";

/** @import { Device, Options } from "./board.js" */
/** @import { Card, Condition, House } from "./types" */
/** @import { Word } from "./texts.js" */

export const ICON = "mdi:home-heart";
/** Per cent; the hub's own limit is 20, and that counts as low. */
const BATTERY_BELOW = 20.01;
/** What a sensor says that Home Assistant has no contact with. */
const LOST = ["unavailable", "unknown"];
/** What the handlingsplan may be watched with; whoever measures the temperature is no sensor of ours. */
const SENSORS = new Set(
  "battery door garage_door gas moisture motion occupancy opening presence smoke sound vibration window".split(" "),
);

/**
 * The open alarms; that there are none is only said when each brukare's state is known to be so.
 * @param {Board} board
 */
const alarms = (board) => {
  const states = board.brukare.map((each) => board.entity(each, "alarm_state"));
  const known = states.filter((each) => each !== undefined);
  const blind = board.brukare.filter((_, index) => states[index] === undefined).map((each) => each.name);
  return section([
    headed(board.text("open_alarms"), "mdi:alarm-light", board.hasPanel ? { tap_action: board.toPanel } : {}),
    ...(blind.length ? [warned(board.text("board_blind", { codes: blind.join(", ") }))] : []),
    ...known.flatMap((entity) =>
      tile(entity, {
        name: { type: "device" },
        icon: "mdi:alarm-light",
        color: "red",
        state_content: ["state", "last_changed"],
        tap_action: board.toPanel,
        icon_tap_action: board.toPanel,
        visibility: [isNot(entity, "idle")],
      }),
    ),
    ...(blind.length ? [] : [said(board.text("no_alarms"), { visibility: known.map((entity) => is(entity, "idle")) })]),
    ...(board.hasPanel ? [toPanel(board, "board_to_panel", "")] : []),
  ]);
};

/**
 * @param {Board} board
 * @param {Word} word
 * @param {string} path
 * @returns {Card}
 */
const toPanel = (board, word, path) => ({
  type: "button",
  name: board.text(word),
  icon: ICON,
  tap_action: { action: "navigate", navigation_path: `/${PANEL}${path}` },
  grid_options: { columns: 12, rows: 2 },
});

/**
 * Who is on duty: the rota is the home's, and the same for all who live there.
 * @param {Board} board
 */
const duty = (board) => {
  const entity = board.brukare.map((each) => board.entity(each, "on_duty")).find(Boolean);
  if (!entity) return [];
  return section([
    headed(board.text("on_duty"), "mdi:account-clock"),
    ...tile(entity, { icon: "mdi:account-group", visibility: [isNot(entity, "unknown")] }),
    warned(board.text("board_nobody"), { visibility: [is(entity, "unknown")] }),
  ]);
};

/**
 * The switch, so that nobody pauses by brushing against it, and whoever may not is not invited to.
 * @param {Board} board
 * @param {string | undefined} entity
 */
const monitoring = (board, entity) => {
  if (!entity) return [];
  const none = { action: "none" };
  const pause = { action: "toggle", confirmation: { text: board.text("board_pause_sure") } };
  const resume = { action: "toggle", confirmation: { text: board.text("board_resume_sure") } };
  /** @param {Card} press */
  const pressed = (press) => (board.isAdmin ? { icon_tap_action: press } : { tap_action: none, icon_tap_action: none });
  return [
    ...tile(entity, { color: "green", ...pressed(pause), visibility: [isNot(entity, "off")] }),
    ...tile(entity, {
      icon: "mdi:pause-circle",
      state_content: ["state", "until"],
      ...pressed(resume),
      visibility: [is(entity, "off")],
    }),
  ];
};

/**
 * Which lines are not watched, as the hub itself says.
 * @param {Board} board
 * @param {string | undefined} entity
 */
const problem = (board, entity) => {
  if (!entity) return [];
  /**
   * @param {string} attribute
   * @param {Word} word
   */
  const named = (attribute, word) =>
    `{% set names = state_attr("${entity}", "${attribute}") %}{% if names %}\n\n**${board.text(word)}:** ` +
    `{{ names | join(", ") }}{% endif %}`;
  return [
    ...tile(entity, { color: "red" }),
    said(named("not_watched", "board_unwatched") + named("partly_watched", "board_partly"), {
      visibility: [is(entity, "on")],
    }),
  ];
};

/**
 * One brukare, by the code that the device is called by.
 * @param {Board} board
 * @param {Device} device
 */
const person = (board, device) => {
  const [consent, visit, step] = ["consent", "visit", "alarm"].map((each) => board.entity(device, each));
  const watched = device.of.get("watched_today") ?? [];
  const page = { action: "navigate", navigation_path: `/config/devices/device/${device.id}` };
  return section([
    headed(device.name, "mdi:account", board.isAdmin ? { tap_action: page } : {}),
    ...tile(board.entity(device, "alarm_state"), { tap_action: board.toPanel, icon_tap_action: board.toPanel }),
    ...monitoring(board, board.entity(device, "monitoring")),
    ...problem(board, board.entity(device, "monitoring_problem")),
    ...(consent ? tile(consent, { color: "orange", visibility: [isNot(consent, "given")] }) : []),
    ...(visit ? tile(visit, { color: "green", visibility: [isNot(visit, "off")] }) : []),
    ...(step ? tile(step, { state_content: ["event_type", "state"], visibility: [isNot(step, "unknown")] }) : []),
    ...tile(board.entity(device, "last_activity")),
    ...deviations(board, board.entity(device, "deviations")),
    watched.length
      ? headed(board.text("board_watched"), "mdi:eye-check", { heading_style: "subtitle" })
      : warned(board.text("no_lines")),
    ...watched.flatMap((each) => tile(each.entity_id)),
  ]);
};

/**
 * The larmansvarig's inbox, which staff have nothing to do with.
 * @param {Board} board
 * @param {string | undefined} entity
 */
const deviations = (board, entity) => {
  if (!board.isAdmin) return [];
  const open = { action: "navigate", navigation_path: `/${PANEL}/deviations` };
  return tile(entity, board.hasPanel ? { tap_action: open } : {});
};

/**
 * What is wrong with a sensor as far as its state tells; nothing if it is no sensor that counts.
 * @param {string} id
 * @param {string | undefined} kind
 * @returns {Condition[]}
 */
const faults = (id, kind) => {
  if (!kind || !SENSORS.has(kind)) return [];
  const isBinary = id.startsWith("binary_sensor.");
  const isLost = is(id, LOST);
  if (kind !== "battery") return isBinary ? [isLost] : [];
  const isLow = isBinary ? is(id, "on") : { condition: "numeric_state", entity: id, below: BATTERY_BELOW };
  return [any([isLow, isLost])];
};

/**
 * The home's entities, or its phones', that can have something wrong with them, and when they have.
 * @param {Board} board
 * @param {boolean} isPhone
 */
const watchable = (board, isPhone) =>
  Object.entries(board.house.states)
    .map(([id, state]) => ({ id, of: board.house.entities[id], wrong: faults(id, state.attributes.device_class) }))
    .filter(({ of, wrong }) => wrong.length && !of?.hidden && of?.platform !== PLATFORM)
    .filter(({ of }) => (of?.platform === "mobile_app") === isPhone)
    .sort((one, other) => one.id.localeCompare(other.id));

/**
 * @param {{ id: string, wrong: Condition[] }[]} found
 */
const shownWhenWrong = (found) =>
  found.flatMap(({ id, wrong }) => tile(id, { name: undefined, color: "orange", visibility: wrong }));

/**
 * The sensors that are silent or low; whether a line is watched is the hub's to say, and stands with the brukare.
 * @param {Board} board
 */
const sensors = (board) => {
  const found = watchable(board, false);
  const wrong = found.flatMap((each) => each.wrong);
  return section([
    headed(board.text("sensors"), "mdi:motion-sensor"),
    ...shownWhenWrong(found),
    found.length
      ? said(board.text("board_sensors_well"), { visibility: [{ condition: "not", conditions: [any(wrong)] }] })
      : said(board.text("board_no_sensors")),
  ]);
};

/**
 * The staff's phones: whether they pass their test, and their batteries; never where they are.
 * @param {Board} board
 */
const phones = (board) => {
  const entity = board.brukare.map((each) => board.entity(each, "phone_problem")).find(Boolean);
  if (!entity) return [];
  const names = `{{ state_attr("${entity}", "failed") | join(", ") }}`;
  return section([
    headed(board.text("phones"), "mdi:cellphone"),
    ...tile(entity, { color: "red" }),
    said(`**${board.text("phones_failed")}:** ${names}`, { visibility: [is(entity, "on")] }),
    ...shownWhenWrong(watchable(board, true)),
  ]);
};

/**
 * The hub: interruptions, gaps, signs of life, its power if one has said which entity tells, and what has happened.
 * @param {Board} board
 */
const hub = (board) => {
  const steps = board.brukare.map((each) => board.entity(each, "alarm")).filter((each) => each !== undefined);
  const power = board.options.power_entity;
  return section([
    headed(board.text("board_hub"), "mdi:home-assistant"),
    ...tile(power && power in board.house.states ? power : undefined),
    ...board.hubs
      .flatMap((each) => [...each.of.values()].flat())
      .flatMap(({ entity_id: id }) => tile(id, { visibility: [isNot(id, "unknown")] })),
    ...(steps.length && board.house.config.components.includes("logbook")
      ? [{ type: "logbook", target: { entity_id: steps }, hours_to_show: 24, grid_options: { columns: 12, rows: 6 } }]
      : []),
    ...(board.hasPanel && board.isAdmin ? [toPanel(board, "log", "/log")] : []),
  ]);
};

/**
 * The whole of it; a hub that is not there, or that the user may not see, is told of.
 * @param {Board} board
 * @returns {Card[]}
 */
const draw = (board) => {
  if (!board.devices.length) return [{ type: "grid", cards: [said(board.text("board_no_hub"))] }];
  if (![...board.brukare, ...board.hubs].some((each) => each.of.size))
    return [{ type: "grid", cards: [warned(board.text("board_not_yours"))] }];
  return [
    ...(board.brukare.length ? alarms(board) : [{ type: "grid", cards: [warned(board.text("board_no_brukare"))] }]),
    ...duty(board),
    ...board.brukare.flatMap((each) => person(board, each)),
    ...sensors(board),
    ...phones(board),
    ...hub(board),
  ];
};

/**
 * The name of one of our tiles in the user's own language: entities are named in the hub's.
 * @param {House} house
 * @param {(key: string) => string} localize
 * @param {Card} card
 * @returns {Card}
 */
const translated = (house, localize, card) => {
  const entity = house.entities[String(card.entity)];
  // What a line is called is a part of its sensor's name, which only the hub can put together.
  const isOurs = card.type === "tile" && entity?.platform === PLATFORM && entity.translation_key !== "watched_today";
  if (!isOurs || /** @type {any} */ (card.name)?.type !== "entity") return card;
  const [domain] = entity.entity_id.split(".");
  const name = localize(`component.${PLATFORM}.entity.${domain}.${entity.translation_key}.name`);
  return name ? { ...card, name } : card;
};

/**
 * @param {Options} options
 * @param {House} house
 */
export const sections = async (options, house) => {
  const drawn = draw(new Board(house, options));
  if (house.language === house.config.language) return drawn;
  const localize = await house.loadBackendTranslation("entity", PLATFORM);
  return drawn.map(({ cards, ...more }) => ({
    ...more,
    cards: /** @type {Card[]} */ (cards).map((card) => translated(house, localize, card)),
  }));
};
