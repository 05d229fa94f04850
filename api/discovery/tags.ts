/** On a function: what its probes are to check. Elsewhere it says nothing. */
export const CHECKS_TAG = 'sonde:checks'
/** On a function: no probe for it. On a database, cache, domain or endpoint: no check of it. `false` is as if it weren't there. */
export const IGNORE_TAG = 'sonde:ignore'
/** On a probe's own Lambda; its value is the posture's id. Discovery leaves out what bears it. */
export const PROBE_TAG = 'sonde:probe'

/** The tags that discovery asks for. */
export const SONDE_TAGS = [CHECKS_TAG, IGNORE_TAG, PROBE_TAG] as const
