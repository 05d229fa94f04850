import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { ENI_ACTIONS } from '../../../infra/aws/lib/policy.js'
import { awsServices } from '../../../probe/checks/aws-services.js'
import { ROOT } from './support.js'
import { run, tool } from './tools.js'

const MODULE = `${ROOT}infra/terraform/probe/`
// It comes with checkov, which reads Terraform by it.
const hcl = tool('hcl2tojson', 'checkov')

type Block = Readonly<Record<string, unknown>>

/** The module's blocks by kind: `resource`, `data`, `variable`, `locals`, `output`, `terraform`. */
function parsed(): Readonly<Record<string, readonly Block[]>> {
  const joined: Record<string, Block[]> = {}
  for (const file of readdirSync(MODULE).filter((name) => name.endsWith('.tf'))) {
    const { status, stdout, stderr } = run(hcl, [MODULE + file], ROOT)
    if (status !== 0) throw new Error(`${file}: ${stderr}`)
    const blocks: Readonly<Record<string, Block[]>> = JSON.parse(stdout)
    for (const [kind, own] of Object.entries(blocks)) joined[kind] = [...(joined[kind] ?? []), ...own]
  }
  return joined
}

/** The parser puts every value into a list of its own. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('__'))
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]))
}

/** A reference, as the parser writes it. */
function ref(name: string): string {
  return `\${${name}}`
}

/** Names of the blocks of one kind, `type.name` where a block has a type. */
function namesOf(blocks: readonly Block[] = []): readonly string[] {
  return blocks.flatMap((block) =>
    Object.entries(block).flatMap(([type, named]) =>
      typeof named === 'object' && named !== null ? Object.keys(named).map((name) => `${type}.${name}`) : [],
    ),
  )
}

t.test('the module parses, and every name in it is defined', { skip: hcl.skip }, async (t) => {
  const blocks = parsed()
  const shared: { locals: Record<string, unknown> } = JSON.parse(
    readFileSync(`${MODULE}shared.tf.json`, 'utf8'),
  )
  const known = new Set([
    ...(blocks['variable'] ?? []).flatMap((block) => Object.keys(block).map((name) => `var.${name}`)),
    ...[...(blocks['locals'] ?? []), shared.locals].flatMap((block) =>
      Object.keys(block).map((name) => `local.${name}`),
    ),
    ...namesOf(blocks['resource']),
    ...namesOf(blocks['data']).map((name) => `data.${name}`),
  ])
  const source = readdirSync(MODULE)
    .filter((name) => name.endsWith('.tf'))
    .map((name) =>
      readFileSync(MODULE + name, 'utf8')
        .replace(/^\s*#.*$/gm, '')
        .replace(/description\s*=\s*".*"/g, ''),
    )
    .join('\n')
  const used: readonly string[] =
    source.match(/\b(?:var|local)\.[a-z0-9_]+|\b(?:data\.)?(?:aws|archive)_[a-z0-9_]+\.[a-z0-9_]+/g) ?? []
  t.ok(used.length > 50)
  for (const name of new Set(used)) t.ok(known.has(name), `${name} is defined`)
  for (const name of known) if (name.startsWith('var.')) t.ok(used.includes(name), `${name} is used`)
})

t.test('the module makes what the construct makes', { skip: hcl.skip }, async (t) => {
  const blocks = parsed()
  const made = (type: string): unknown => plain(blocks['resource']?.find((block) => type in block)?.[type])
  t.match(made('aws_lambda_function'), {
    probe: {
      for_each: ref('var.subnets'),
      architectures: 'arm64',
      runtime: ref('local.runtime'),
      handler: 'index.handler',
      vpc_config: { subnet_ids: ref('each.key'), security_group_ids: ref('var.security_groups') },
      logging_config: { log_group: ref('local.log_group'), log_format: 'JSON', system_log_level: 'WARN' },
    },
  })
  t.match(made('aws_scheduler_schedule'), {
    probe: { flexible_time_window: {}, target: { retry_policy: { maximum_retry_attempts: 0 } } },
  })
  t.match(made('aws_cloudwatch_metric_alarm'), {
    probe: { namespace: 'Sonde', metric_name: 'Expected', treat_missing_data: 'breaching' },
  })
  const policies = plain(blocks['data']?.filter((block) => 'aws_iam_policy_document' in block))
  const probe = JSON.stringify(policies)
  t.match(probe, /"sid":"CodeDoesNot","effect":"Deny","actions":"\$\{local.eni_actions\}"/)
  t.match(probe, /"variable":"lambda:SourceFunctionArn"/)
  t.equal(
    (probe.match(/"resources":"\*"/g) ?? []).length,
    3,
    'interfaces, their denial, the lists of aws checks',
  )
  t.notMatch(probe, /"actions":"[a-z0-9]*:?\*"/, 'no action is a pattern')
  t.notMatch(JSON.stringify(blocks), /aws_lambda_permission|aws_lambda_function_url|policy_attachment/)
})

t.test('it takes the facts that the construct takes', async (t) => {
  const { locals } = JSON.parse(readFileSync(`${MODULE}shared.tf.json`, 'utf8'))
  t.strictSame(locals.eni_actions, ENI_ACTIONS)
  t.equal(locals.service_actions.dynamodb, awsServices['dynamodb']?.action)
  t.equal(Object.keys(locals.service_actions).length, Object.keys(awsServices).length)
})
