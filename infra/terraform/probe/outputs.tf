output "functions" {
  description = "Names of the probes, by subnet."
  value       = { for subnet, probe in aws_lambda_function.probe : subnet => probe.function_name }
}

output "log_group" {
  description = "The log group that the probes write to."
  value       = local.log_group
}

output "role_arn" {
  description = "Role of the probes."
  value       = aws_iam_role.probe.arn
}
