import { stringify } from 'yaml'
import { awsServices } from '../../../probe/checks/aws-services.js'
import { VERSION } from '../../../probe/version.js'
import { ENI_ACTIONS } from '../lib/policy.js'
import { RUNTIME } from '../lib/standpoint.js'
import { apiTemplate } from './api.js'
import { logsTemplate } from './logs.js'
import { probeTemplate } from './probe.js'
import { templateOf } from './stack.js'

/** Each generated file's text, by its path under infra/. */
export function generated(): ReadonlyMap<string, string> {
  // Quoted: CloudFormation reads YAML 1.1, where `no` is false and 2012-10-17 a date.
  const yaml = (template: Readonly<Record<string, unknown>>): string =>
    `# Made by "npm run templates" in infra/aws. Change the constructs there.\n${stringify(template, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0, aliasDuplicateObjects: false })}`
  return new Map([
    ['cloudformation/sonde-api.yaml', yaml(templateOf(apiTemplate()))],
    ['cloudformation/sonde-logs.yaml', yaml(templateOf(logsTemplate()))],
    ['cloudformation/sonde-probe.yaml', yaml(templateOf(probeTemplate()))],
    ['terraform/probe/shared.tf.json', `${JSON.stringify(terraformFacts(), null, 2)}\n`],
  ])
}

/** What the Terraform module must not decide by itself. */
function terraformFacts(): unknown {
  return {
    '//': 'Made by "npm run templates" in infra/aws. Change the constructs there.',
    locals: {
      sonde_version: VERSION,
      runtime: RUNTIME.name,
      eni_actions: ENI_ACTIONS,
      service_actions: Object.fromEntries(
        Object.entries(awsServices).map(([service, { action }]) => [service, action]),
      ),
    },
  }
}
