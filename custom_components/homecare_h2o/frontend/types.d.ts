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

/** One view of the panel: begun when its address is opened, ended when it is left. */
export interface View {
  open(argument: string): void;
  leave(): void;
  template(): TemplateResult;
}
