import { type App, Stack, Tags } from 'aws-cdk-lib'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { PlanFile } from '../../api/discovery/plan-file.schema.js'
import type { AppConfig } from './config.js'
import { SondeApi } from './lib/api.js'
import { SondeDashboard } from './lib/dashboard.js'
import { SondeLogs } from './lib/logs.js'
import { SondeProbes } from './lib/probes.js'

/**
 * One stack for each region (and account, where the plan file names one) that has postures. A stack keeps its name when others
 * come or go.
 *
 * @param account the account of the credentials, for postures that name none
 */
export function addStacks(app: App, config: AppConfig, account: string | undefined): readonly Stack[] {
  return [...placesOf(config.planFile)].map(([name, planFile]) => {
    const [first] = planFile.postures
    if (first === undefined) throw new TypeError('a place is made of postures')
    const here = first.account ?? account
    const stack = new Stack(app, name, {
      description: `Sonde: probes in ${first.region}`,
      env: { region: first.region, ...(here === undefined ? {} : { account: here }) },
    })
    Tags.of(stack).add('sonde', 'true')
    const topic = config.alarmTopic ? Topic.fromTopicArn(stack, 'AlarmTopic', config.alarmTopic) : undefined
    const { logGroup } = new SondeLogs(stack, 'Logs', { retention: config.logRetentionDays })
    new SondeProbes(stack, 'Probes', {
      planFile,
      logGroup,
      ...(config.metrics ? { metrics: config.metrics } : {}),
      ...(config.alarms ? { alarms: { topic } } : {}),
    })
    if (config.metrics || config.alarms) new SondeDashboard(stack, 'Dashboard', { logGroup })
    if (config.api?.region === first.region) {
      const { auth, runs, accounts } = config.api
      new SondeApi(stack, 'Api', { logGroup, auth, runs, accounts, alarmTopic: topic })
    }
    return stack
  })
}

/** The plan file's postures by the name of the stack that has them. */
function placesOf(planFile: PlanFile): ReadonlyMap<string, PlanFile> {
  const names = planFile.postures.map(({ account, region }) =>
    ['Sonde', region, ...(account === undefined ? [] : [account])].join('-'),
  )
  return new Map(
    [...new Set(names)].map((name) => [
      name,
      { ...planFile, postures: planFile.postures.filter((_, index) => names[index] === name) },
    ]),
  )
}
