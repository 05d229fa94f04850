import { App, BootstraplessSynthesizer, CfnParameter, type CfnParameterProps, Stack } from 'aws-cdk-lib'

/** A plain template: for any account and region, without CDK's bootstrap stack, assets and metadata. */
export function plainStack(name: string, description: string): Stack {
  const app = new App({
    analyticsReporting: false,
    context: { '@aws-cdk/core:newStyleStackSynthesis': true },
    treeMetadata: false,
  })
  return new Stack(app, name, {
    description,
    synthesizer: new BootstraplessSynthesizer(),
  })
}

/** The template of a plain stack, as data. */
export function templateOf(stack: Stack): Readonly<Record<string, unknown>> {
  const root = stack.node.root
  if (!App.isApp(root)) throw new TypeError(`${stack.node.path} is not in an app`)
  const template: unknown = root.synth().getStackByName(stack.stackName).template
  if (typeof template !== 'object' || template === null) throw new TypeError('a template is an object')
  return { ...template }
}

/** A parameter named as its id. */
export function parameter(stack: Stack, id: string, props: CfnParameterProps): CfnParameter {
  return new CfnParameter(stack, id, props)
}

/** The log group that all probes share, by its name. */
export function logGroupName(
  stack: Stack,
  id = 'LogGroup',
  description = 'Name of the log group that all probes share; sonde-logs.yaml makes it',
): CfnParameter {
  return parameter(stack, id, {
    default: '/sonde/probes',
    allowedPattern: '[.\\-_/#A-Za-z0-9]{1,512}',
    description,
  })
}

/** Who is told of alarms; empty for nobody. */
export function alarmTopic(stack: Stack): CfnParameter {
  return parameter(stack, 'AlarmTopic', {
    default: '',
    allowedPattern: '|arn:[^:]+:sns:.+',
    description: 'ARN of the SNS topic that is told of alarms, if any',
  })
}
