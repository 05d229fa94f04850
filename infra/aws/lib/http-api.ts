import { RemovalPolicy } from 'aws-cdk-lib'
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { type CfnFunction, CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { accept } from './accept.js'
import { acceptLogGroup } from './logs.js'
import { placeOf } from './roles.js'

/** What one client after the other may ask together; the API itself limits each token. */
const THROTTLE = { throttlingRateLimit: 50, throttlingBurstLimit: 100 }

/** An HTTP API before a function, which itself asks for a token; returns its address. */
export function httpApi(scope: Construct, target: CfnFunction): string {
  const { partition, region, account } = placeOf(scope)
  const api = new CfnApi(scope, 'HttpApi', { name: 'sonde', protocolType: 'HTTP' })
  const integration = new CfnIntegration(scope, 'Integration', {
    apiId: api.ref,
    integrationType: 'AWS_PROXY',
    integrationUri: target.attrArn,
    payloadFormatVersion: '2.0',
  })
  const route = new CfnRoute(scope, 'Route', {
    apiId: api.ref,
    routeKey: '$default',
    target: `integrations/${integration.ref}`,
    authorizationType: 'NONE',
  })
  accept(route, [
    {
      nag: ['AwsSolutions-APIG4'],
      checkov: ['CKV_AWS_309'],
      reason:
        'The API authorises by itself: it does not start without tokens, keeps only their hashes, and answers 401 to everyone else.',
    },
  ])
  const logs = new LogGroup(scope, 'AccessLogs', {
    retention: RetentionDays.TWO_WEEKS,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  acceptLogGroup(logs, false)
  new CfnStage(scope, 'Stage', {
    apiId: api.ref,
    stageName: '$default',
    autoDeploy: true,
    defaultRouteSettings: THROTTLE,
    accessLogSettings: {
      destinationArn: logs.logGroupArn,
      format: JSON.stringify({
        at: '$context.requestTime',
        request: '$context.requestId',
        from: '$context.identity.sourceIp',
        method: '$context.httpMethod',
        path: '$context.path',
        status: '$context.status',
        ms: '$context.responseLatency',
      }),
    },
  })
  new CfnPermission(scope, 'HttpApiMayCall', {
    action: 'lambda:InvokeFunction',
    functionName: target.attrArn,
    principal: 'apigateway.amazonaws.com',
    sourceArn: `arn:${partition}:execute-api:${region}:${account}:${api.ref}/*`,
  })
  return api.attrApiEndpoint
}
