// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Names in snapshots and reports come from elsewhere: what could steer a terminal is shown as U+FFFD. */
export function safe(text: string): string {
  return text.replace(CONTROLS, '\ufffd')
}
