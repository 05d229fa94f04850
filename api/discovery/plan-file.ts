import type { Document } from 'yaml'
import { type PlanReading, parsePlan } from '../../probe/plan.js'
import { type MeaningProblem, parseYamlFile, type YamlReading } from '../yaml-file.js'
import { type PlanFile, PlanFileSchema } from './plan-file.schema.js'

const PATTERNS: Readonly<Record<string, string>> = {
  account: 'must be twelve digits in quotes, like "123456789012"',
  id: 'must be letters, digits and hyphens, at most 64',
  region: 'must be a region, like eu-west-1',
  vpc: 'must be the id of a VPC, like vpc-0123456789abcdef0',
  subnets: 'must be the id of a subnet, like subnet-0123456789abcdef0',
  securityGroups: 'must be the id of a security group, like sg-0123456789abcdef0',
}

/**
 * Reads `sonde.plan.yaml`, every plan in it by the probe's own rules.
 * @param source the file's name, for messages
 * @throws ConfigError naming every wrong place by file, line and column
 */
export function readPlanFile(text: string, source: string): PlanFile {
  return readPlanDocument(text, source).value
}

/** As `readPlanFile`, with the document, in which comments and order are kept: for whoever edits it. */
export function readPlanDocument(text: string, source: string): YamlReading<PlanFile> {
  return parseYamlFile(text, source, {
    schema: PlanFileSchema,
    whole: 'the plan file',
    patternWords: (path) => {
      const key = path.findLast((part) => !/^[0-9]+$/.test(part)) ?? ''
      return PATTERNS[key] ?? 'is not written as it must be'
    },
    meaning,
  })
}

export type PlanDocument = Document.Parsed

/** What the schema can't say: ids that must be unique, and checks, each by the schema of its kind. */
function meaning({ postures }: PlanFile): MeaningProblem[] {
  const first = new Map<string, number>()
  return postures.flatMap(({ id, plan }, index) => {
    const at = ['postures', String(index)]
    const before = first.get(id)
    const twin =
      before === undefined
        ? []
        : [
            {
              path: [...at, 'id'],
              message: `postures.${index}.id "${id}" is the id of postures.${before} too`,
            },
          ]
    if (before === undefined) first.set(id, index)
    return [...twin, ...planProblems(parsePlan(plan), [...at, 'plan'])]
  })
}

function planProblems(reading: PlanReading, at: readonly string[]): MeaningProblem[] {
  if (reading.ok) return []
  return reading.errors.map(({ pointer, message }) => {
    const path = pointer.split('/').slice(1).map(unescapePointer)
    const name = [...at, ...path].join('.')
    return { path: [...at, ...path], message: `${name}: ${message}` }
  })
}

function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~')
}
