import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App, Stack } from 'aws-cdk-lib'
import type { Template } from 'aws-cdk-lib/assertions'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const INFRA = `${ROOT}infra/aws/`
const require = createRequire(`${INFRA}package.json`)

/** False to run, else why a test of the constructs can't. */
export const skip: string | false = existsSync(`${INFRA}node_modules/aws-cdk-lib`)
  ? false
  : 'aws-cdk-lib is not installed: npm ci --prefix infra/aws'

/** Loaded late: where it isn't installed, the tests are skipped and nothing of it is asked for. */
export function cdk(): typeof import('aws-cdk-lib') {
  return require('aws-cdk-lib')
}

export function cdkAssertions(): typeof import('aws-cdk-lib/assertions') {
  return require('aws-cdk-lib/assertions')
}

export function cdkSns(): typeof import('aws-cdk-lib/aws-sns') {
  return require('aws-cdk-lib/aws-sns')
}

export function cdkIam(): typeof import('aws-cdk-lib/aws-iam') {
  return require('aws-cdk-lib/aws-iam')
}

/** An app that is synthesised into a folder which goes with this process; CDK would leave its own. */
export function newApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), 'sonde-cdk-'))
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }))
  // Its own validation takes seconds for each app; the test that deploys has it.
  return new (cdk().App)({
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: false,
    outdir,
  })
}

/** A stack of an app of its own, bound to no account and region unless they are given. */
export function newStack(env?: { readonly account: string; readonly region: string }): Stack {
  return new (cdk().Stack)(newApp(), 'Test', env ? { env } : {})
}

/** What a stack would deploy. */
export function template(stack: Stack): Template {
  return cdkAssertions().Template.fromStack(stack)
}

/** What the rules of AWS Solutions have against an app, one line a finding. */
export function findings(stack: Stack): readonly string[] {
  const { AwsSolutionsChecks }: typeof import('cdk-nag') = require('cdk-nag')
  const root = stack.node.root as App
  const { violations } = new AwsSolutionsChecks(root).validateScope(root)
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ resourceLogicalId }) => `${ruleName} ${resourceLogicalId}: ${description}`),
  )
}

/** Properties of every resource of a type, by logical id. */
export function resources(stack: Stack, type: string): readonly Record<string, unknown>[] {
  return Object.values(template(stack).findResources(type)).map(({ Properties }) => Properties)
}

/** The statements of every policy in a template, whatever resource it stands in. */
export function statements(value: unknown): readonly Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(statements)
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'PolicyDocument' && Array.isArray(inner?.Statement) ? inner.Statement : statements(inner),
  )
}
