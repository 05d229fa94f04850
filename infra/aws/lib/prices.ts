/**
 * List prices of us-east-1 in US dollars, and the monthly free tier. AWS's own pages state them
 * (https://aws.amazon.com/lambda/pricing/ for arm64, https://aws.amazon.com/cloudwatch/pricing/,
 * https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/), but fill their tables in by
 * script; compared in November 2026 with what others had copied from there:
 * - Lambda: https://cloudchipr.com/blog/aws-lambda-pricing (2024); tiers from 7.5 billion GB-seconds on are left out
 * - Scheduler: https://cloudburn.io/blog/amazon-eventbridge-pricing (March 2026)
 * - CloudWatch: https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/ (June 2026) for logs,
 *   https://signoz.io/guides/cloudwatch-pricing (February 2026) for metrics; the price of an alarm was found nowhere
 * - DynamoDB on demand: https://airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)
 *
 * Other regions differ by up to a half.
 */
export const PRICES = {
  date: '2026-11',
  region: 'us-east-1',
  lambdaRequest: { dollars: 0.2e-6, free: 1e6 },
  lambdaGbSecond: { dollars: 0.000_013_333_4, free: 400_000 },
  schedulerInvocation: { dollars: 1e-6, free: 14e6 },
  logsGigabyte: { dollars: 0.5, free: 5 },
  metric: { dollars: 0.3, free: 10 },
  alarm: { dollars: 0.1, free: 10 },
  dynamoWriteUnit: { dollars: 0.625e-6 },
  dynamoReadUnit: { dollars: 0.125e-6 },
} as const
