// What the hub and Home Assistant's frontend give to the panel.
import type { TemplateResult } from "./lit-html.js";

export interface Connection {
  connected: boolean;
  subscribeMessage(
    heard: (message: any) => void,
    message: Record<string, unknown>,
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  sendMessagePromise(message: Record<string, unknown>): Promise<any>;
  addEventListener(kind: string, heard: () => void): void;
  removeEventListener(kind: string, heard: () => void): void;
}

export interface Hass {
  connection: Connection;
  connected: boolean;
  language: string;
  dockedSidebar: string;
  kioskMode?: boolean;
  config: { time_zone: string };
  themes: unknown;
  user: { id: string; name: string };
  localize(key: string, values?: Record<string, unknown>): string;
  loadBackendTranslation(category: string, integration: string): Promise<unknown>;
  callService(domain: string, service: string, data: Record<string, unknown>): Promise<unknown>;
}

export interface Source {
  name: string;
  area: string | null;
}

export interface Alarm {
  alarm_id: string;
  brukare_id: string;
  code: string;
  alarm_type: string;
  priority: "normal" | "urgent" | "technical";
  message: string | null;
  response: string | null;
  response_seconds: number;
  due_at: string;
  raised_at: string;
  late: boolean;
  state: "raised" | "escalated" | "acknowledged" | "done" | "resolved" | "false_alarm";
  open: boolean;
  level: number;
  repetitions: number;
  sources: Source[];
  next_deadline_at: string | null;
  taker: string | null;
  taken_by_me: boolean;
  taken_at: string | null;
  declined_by_me: boolean;
  outcome: string | null;
  closed_at: string | null;
  groups?: string[];
  answered_at?: string | null;
  answered_by?: string | null;
}

export interface Group {
  group_id: string;
  name: string;
  role: string;
  phones: number;
}

export interface Person {
  code: string;
  name: string | null;
  address: string | null;
  key_information: string | null;
  instructions: string | null;
  telephone: string | null;
  habits: string | null;
}

export interface Entry {
  at: string;
  kind: string;
  text: string;
  user: string | null;
}

export interface Deviation {
  deviation_id: string;
  code: string;
  kind: string;
  status: "new" | "ongoing" | "archived";
  text: string | null;
  comment: string | null;
  alarm_id: string | null;
  alarm_type: string | null;
  phone: string | null;
  happened_at: string;
}

export interface PlanValue {
  key: string;
  name: string;
  old: string;
  new: string;
}

/** One change of a line; `back`: what restoring would change, from how the line is now. */
export interface PlanChange {
  change_id: string;
  at: string;
  by: string;
  change: string;
  text: string;
  values: PlanValue[];
  comment: string | null;
  comment_by: string | null;
  comment_at: string | null;
  restored_from: string | null;
  back: { values: PlanValue[]; on: boolean | null; returns: boolean } | null;
}

/** A line of the plan; of one that was deleted, or whose history is not known yet, there is less. */
export interface PlanLine {
  rule: string;
  name: string;
  alarm_type: string;
  changes: PlanChange[];
  changes_total: number;
  created_at?: string;
  created_by?: string;
  deleted_at?: string;
  brukare_id?: string;
  automation_id?: string | null;
  blueprint?: string | null;
  inputs?: Record<string, unknown>;
  on?: boolean;
  broken?: boolean;
  coverage?: string;
  since?: string | null;
  faults?: (Source & { fault: string })[];
  paused_until?: string | null;
  pause?: { until: string; reason: string } | null;
  watched_minutes?: number;
  not_watched_minutes?: number;
  sensors?: string[];
  time?: string[];
  active?: string | null;
  placement?: string;
  adaptation?: string;
  response?: string;
  response_time?: string;
  told?: string[];
  values?: { key: string; name: string; value: string }[];
}

export interface Plan {
  brukare_id: string;
  code: string;
  device_id: string | null;
  created_at: string | null;
  created_by: string | null;
  /** The pause of the whole brukare. */
  pause: { until: string; reason: string } | null;
  lines: PlanLine[];
  deleted: PlanLine[];
}

export interface Plans {
  brukare: { brukare_id: string; code: string; lines: number; not_watched: number }[];
  plan: Plan | null;
}

/** What is counted of some alarms. */
export interface Figure {
  number: number;
  false: number;
  false_share: number;
  answered: number;
  median_seconds: number | null;
  p90_seconds: number | null;
}

export interface Answered extends Figure {
  answers: { before: number; after: number; unacknowledged: number; waiting: number };
}

/** The figures of a period; `begun`: when the journal begins, if that is within it. */
export interface Statistics {
  from: string;
  to: string;
  begun: string | null;
  total: Answered;
  by_type: (Answered & { alarm_type: string })[];
  by_group: (Figure & { group: string })[];
  by_hour: Figure[];
  watched: {
    code: string;
    line: string;
    alarm_type: string;
    watched_seconds: number;
    not_watched_seconds: number;
    uncounted_seconds: number;
    share: number;
  }[];
}

/** One view of the panel: begun when its address is opened, ended when it is left. */
export interface View {
  open(argument: string): void;
  leave(): void;
  template(): TemplateResult;
}

/** What the dashboard is made from: Home Assistant's own object, as much of it as is used. */
export interface House {
  language: string;
  user?: { is_admin: boolean };
  config: { components: string[]; language: string };
  panels: Record<string, unknown>;
  states: Record<string, { state: string; attributes: { device_class?: string } }>;
  entities: Record<string, Entity>;
  devices: Record<string, RegisteredDevice>;
  loadBackendTranslation(category: string, integration: string): Promise<(key: string) => string>;
}

export interface Entity {
  entity_id: string;
  platform: string;
  translation_key?: string;
  device_id?: string | null;
  hidden?: boolean;
}

export interface RegisteredDevice {
  id: string;
  name: string | null;
  name_by_user: string | null;
  identifiers: [string, string][];
  via_device_id: string | null;
}

/** The configuration of a card, a condition, a dashboard: Home Assistant's to read. */
export type Card = Record<string, unknown>;
export type Condition = Record<string, unknown>;
export type Lovelace = Record<string, unknown>;
