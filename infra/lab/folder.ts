import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StandingPlan } from './posts.js'
import type { Hosts } from './services.js'
import { LabInputError } from './standpoints.js'

/** What a lab's folder holds beside its snapshot: how hosts behave, and what the probes in it try. */
export interface LabFolder {
  readonly about: string
  readonly hosts: Hosts
  readonly plans: readonly StandingPlan[]
}

/**
 * Reads a folder's `lab.json`: `{"about", "hosts": {"aws": "grant"}, "plans": [{"name", "sources", "checks"}]}`.
 * @throws {LabInputError} where there is none, or its parts are not of that shape
 */
export function readLabFolder(folder: string): LabFolder {
  const file = join(folder, 'lab.json')
  if (!existsSync(file)) throw new LabInputError(`${folder}: no lab in it (lab.json)`)
  const read: Partial<LabFolder> = JSON.parse(readFileSync(file, 'utf8'))
  const { about = '', hosts = {}, plans } = read
  if (!Array.isArray(plans) || plans.length === 0)
    throw new LabInputError(`${file}: expected plans, a list of what the probes try`)
  return { about, hosts, plans }
}
