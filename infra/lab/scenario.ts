import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRaw } from './documents.js'
import type { LabFlow } from './plan.js'
import type { Hosts } from './services.js'
import { LabInputError } from './standpoints.js'

/** What the probe is said to see, as far as the lab compares it. */
export interface SeenInLab {
  readonly outcome: string
  readonly kind?: string
  readonly expect?: 'reachable' | 'unreachable'
  readonly address?: string
  readonly [field: string]: unknown
}

export interface ScenarioFlow extends LabFlow {
  readonly verdict: string
  readonly seen: SeenInLab | null
  readonly seenAs?: string
  readonly fix?: readonly unknown[]
}

/** A scenario's folder: its flows, and how its hosts behave beyond the snapshot. */
export interface LabScenario {
  readonly id: string
  readonly name: string
  readonly about: string
  readonly flows: readonly ScenarioFlow[]
  readonly hosts: Hosts
}

/**
 * Reads `expected.json` and, where it is there, `lab.json` (`{"hosts": {"eni-…": "refuse"}, "options": {"tls": "off"}}`).
 * @throws {LabInputError} where the folder holds no scenario
 */
export function readScenario(folder: string): LabScenario {
  const file = join(folder, 'expected.json')
  if (!existsSync(file)) throw new LabInputError(`${folder}: no scenario in it (expected.json)`)
  const scenario: Omit<LabScenario, 'hosts'> = JSON.parse(readFileSync(file, 'utf8'))
  const extra = join(folder, 'lab.json')
  const lab: { hosts?: Hosts; options?: unknown } = existsSync(extra)
    ? JSON.parse(readFileSync(extra, 'utf8'))
    : {}
  const options = isRaw(lab.options) ? lab.options : undefined
  return {
    ...scenario,
    flows: scenario.flows.map((flow) => ({
      ...flow,
      ...(flow.seen?.expect === undefined ? {} : { expect: flow.seen.expect }),
      ...(options === undefined ? {} : { options }),
    })),
    hosts: lab.hosts ?? {},
  }
}
