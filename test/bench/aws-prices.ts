/**
 * AWS list prices in US East (N. Virginia), in US dollars, without any free tier, as of November 2026: from
 * https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/lambda/pricing/,
 * https://aws.amazon.com/cloudwatch/pricing/ and https://aws.amazon.com/eventbridge/pricing/.
 * Other regions differ by up to a half; compare before you budget.
 */
export const PRICES = {
  region: 'us-east-1',
  date: '2026-11',
  dynamoWriteUnit: 0.625 / 1e6,
  dynamoReadUnit: 0.125 / 1e6,
  dynamoGbMonth: 0.25,
  lambdaRequest: 0.2 / 1e6,
  lambdaArmGbSecond: 0.0000133334,
  logsIngestedGb: 0.5,
  schedule: 1 / 1e6,
} as const

/** Hours in a month, as AWS counts. */
export const MONTH_HOURS = 730
