# Probes of one posture: one function in each of its subnets, with the workload's own security groups, so that each stands on the
# workload's Hyperplane network interface and adds none
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis).

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  bundle    = coalesce(var.bundle, "${path.module}/../../../dist/probe")
  log_group = coalesce(var.log_group, "/sonde/probes")
  tags      = merge(var.tags, { "sonde:probe" = var.posture })

  plan = jsondecode(var.plan)
  # Exactly the calls of the plan's signed aws checks; a service that is not known is asked unsigned.
  check_actions = sort(distinct(compact([
    for check in local.plan.checks : lookup(local.service_actions, try(check.service, ""), "")
    if check.kind == "aws" && try(check.signed, true)
  ])))
  list_actions = [for action in local.check_actions : action if action != "apigateway:GET"]

  # What SONDE_EMF takes.
  emf           = var.metrics == "check" ? "1" : var.metrics == "probe" || var.alarms ? "probe" : null
  alarm_actions = var.alarm_topic == null ? [] : [var.alarm_topic]
}

data "archive_file" "probe" {
  type        = "zip"
  output_path = "${path.root}/.terraform/sonde-${var.posture}.zip"

  source {
    filename = "index.cjs"
    content  = file("${local.bundle}/index.cjs")
  }
  source {
    filename = "rds-ca.pem"
    content  = file("${local.bundle}/rds-ca.pem")
  }
  source {
    filename = "plan.json"
    content  = var.plan
  }
}

resource "aws_cloudwatch_log_group" "probes" {
  #checkov:skip=CKV_AWS_338:Report lines are raw material; what is made of them is kept by the API
  #checkov:skip=CKV_AWS_158:Encrypted with the key of CloudWatch Logs; lines hold no secrets
  count             = var.log_group == null ? 1 : 0
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

data "aws_iam_policy_document" "lambda_assumes" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "probe" {
  #checkov:skip=CKV_AWS_356:AWS knows no narrower resource for a function's interfaces, nor for the lists that aws checks read
  #checkov:skip=CKV_AWS_111:The same; the function's own code is denied the interfaces
  statement {
    sid       = "WriteToTheLogGroup"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group}:*"]
  }

  statement {
    sid       = "LambdaMakesTheInterface"
    actions   = local.eni_actions
    resources = ["*"]
  }

  # Calls from inside of an execution environment carry this condition key, those that Lambda makes for the interface don't:
  # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
  statement {
    sid       = "CodeDoesNot"
    effect    = "Deny"
    actions   = local.eni_actions
    resources = ["*"]
    condition {
      test     = "ArnLike"
      variable = "lambda:SourceFunctionArn"
      values   = ["arn:${local.partition}:lambda:${local.region}:${local.account}:function:*"]
    }
  }

  dynamic "statement" {
    for_each = length(local.list_actions) > 0 ? [local.list_actions] : []
    content {
      sid       = "AwsChecks"
      actions   = statement.value
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = contains(local.check_actions, "apigateway:GET") ? [1] : []
    content {
      sid       = "ApiGatewayCheck"
      actions   = ["apigateway:GET"]
      resources = ["arn:${local.partition}:apigateway:${local.region}::/account"]
    }
  }
}

resource "aws_iam_role" "probe" {
  name_prefix        = "sonde-probe-"
  description        = "Probes of the posture ${var.posture}"
  assume_role_policy = data.aws_iam_policy_document.lambda_assumes.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "probe" {
  name   = "Probe"
  role   = aws_iam_role.probe.id
  policy = data.aws_iam_policy_document.probe.json
}

resource "aws_lambda_function" "probe" {
  #checkov:skip=CKV_AWS_116:A run that was lost is told by its silence; a queue of old runs would only tell of the past
  #checkov:skip=CKV_AWS_173:The environment holds ids and host names, never a secret
  #checkov:skip=CKV_AWS_50:A probe calls nothing that could be traced further
  #checkov:skip=CKV_AWS_272:Code signing is a decision of the account
  #checkov:skip=CKV_AWS_115:Reserving takes from the pool of the account; a schedule calls one at a time
  for_each = var.subnets

  function_name                  = "sonde-${var.posture}-${substr(each.key, -8, 8)}"
  description                    = "Sonde: what the posture ${var.posture} reaches from ${each.key}"
  runtime                        = local.runtime
  architectures                  = ["arm64"]
  handler                        = "index.handler"
  filename                       = data.archive_file.probe.output_path
  source_code_hash               = data.archive_file.probe.output_base64sha256
  role                           = aws_iam_role.probe.arn
  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  tags                           = local.tags

  vpc_config {
    subnet_ids                  = [each.key]
    security_group_ids          = var.security_groups
    ipv6_allowed_for_dual_stack = var.ipv6
  }

  environment {
    variables = merge(
      {
        SONDE_SUBNET          = each.key
        SONDE_SECURITY_GROUPS = join(",", sort(tolist(var.security_groups)))
        SONDE_INTERVAL_MS     = tostring(var.every_minutes * 60000)
        SONDE_ALLOW           = join(" ", var.allow)
      },
      length(var.workloads) > 0 ? { SONDE_WORKLOADS = join(",", var.workloads) } : {},
      local.emf == null ? {} : { SONDE_EMF = local.emf },
    )
  }

  # JSON lets Lambda keep its own START, END and REPORT lines back:
  # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
  logging_config {
    log_group             = local.log_group
    log_format            = "JSON"
    system_log_level      = "WARN"
    application_log_level = "INFO"
  }

  depends_on = [aws_iam_role_policy.probe, aws_cloudwatch_log_group.probes]
}

resource "aws_lambda_function_event_invoke_config" "probe" {
  for_each = aws_lambda_function.probe

  function_name                = each.value.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}

resource "aws_scheduler_schedule_group" "probe" {
  name = "sonde-${var.posture}"
  tags = local.tags
}

data "aws_iam_policy_document" "scheduler_assumes" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.probe.arn]
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [for probe in aws_lambda_function.probe : probe.arn]
  }
}

resource "aws_iam_role" "scheduler" {
  name_prefix        = "sonde-scheduler-"
  description        = "Calls the probes of the posture ${var.posture} on their schedule"
  assume_role_policy = data.aws_iam_policy_document.scheduler_assumes.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "CallTheProbes"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_scheduler_schedule" "probe" {
  #checkov:skip=CKV_AWS_297:The schedule's input is an empty object; there is nothing to encrypt
  for_each = aws_lambda_function.probe

  name                = each.value.function_name
  group_name          = aws_scheduler_schedule_group.probe.name
  schedule_expression = var.every_minutes == 1 ? "rate(1 minute)" : "rate(${var.every_minutes} minutes)"

  flexible_time_window {
    mode                      = var.jitter_minutes > 0 ? "FLEXIBLE" : "OFF"
    maximum_window_in_minutes = var.jitter_minutes > 0 ? var.jitter_minutes : null
  }

  target {
    arn      = each.value.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = "{}"

    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "probe" {
  for_each = var.alarms ? aws_lambda_function.probe : {}

  alarm_name          = each.value.function_name
  alarm_description   = "Sonde: ${each.value.function_name} in ${each.key} finds a check not as expected, or is silent."
  namespace           = "Sonde"
  metric_name         = "Expected"
  dimensions          = { function = each.value.function_name }
  statistic           = "Minimum"
  period              = var.every_minutes * 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = local.tags
}
