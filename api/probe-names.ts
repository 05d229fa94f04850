/** Names of functions that may be invoked where the configuration names none. */
export const DEFAULT_PROBES: readonly string[] = ['sonde-*']
