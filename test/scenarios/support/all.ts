import { BALANCER_FAULTS } from './balancer-faults.js'
import { FACTS } from './facts.js'
import { NETWORK_FAULTS } from './network-faults.js'
import { OTHER_FAULTS } from './other-faults.js'
import type { Scenario } from './scenario.js'

/** Every scenario that configuration can show, in the order of their ids' families. */
export const SCENARIOS: readonly Scenario[] = [
  ...FACTS,
  ...NETWORK_FAULTS,
  ...OTHER_FAULTS,
  ...BALANCER_FAULTS,
]
