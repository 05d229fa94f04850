variable "posture" {
  description = "Id of the posture; a part of the names of the probes."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,47}$", var.posture))
    error_message = "posture takes 1 to 48 letters, digits and hyphens."
  }
}

variable "subnets" {
  description = "Ids of the posture's subnets; each gets a probe of its own."
  type        = set(string)

  validation {
    condition     = length(var.subnets) >= 1 && length(var.subnets) <= 16 && alltrue([for id in var.subnets : can(regex("^subnet-([0-9a-f]{8}|[0-9a-f]{17})$", id))])
    error_message = "subnets takes 1 to 16 ids such as subnet-0123456789abcdef0."
  }
}

variable "security_groups" {
  description = "Ids of the workload's own security groups, all of them: with another set the probe stands on another interface."
  type        = set(string)

  validation {
    condition     = length(var.security_groups) >= 1 && length(var.security_groups) <= 5 && alltrue([for id in var.security_groups : can(regex("^sg-([0-9a-f]{8}|[0-9a-f]{17})$", id))])
    error_message = "security_groups takes 1 to 5 ids such as sg-0123456789abcdef0."
  }
}

variable "plan" {
  description = "The plan as JSON; `sonde probe --plan FILE` validates it."
  type        = string

  validation {
    condition     = can(length(jsondecode(var.plan).checks)) && try(jsondecode(var.plan).version, null) == 1
    error_message = "plan must be JSON of the form {\"version\": 1, \"checks\": […]}."
  }
}

variable "allow" {
  description = "What the probes may contact, whatever plan an invocation brings: names, *.suffix, addresses and ranges, each with a port (name:443) or for all."
  type        = list(string)

  validation {
    condition     = length(var.allow) > 0
    error_message = "allow is empty: the probes could contact nothing."
  }
}

variable "workloads" {
  description = "Names of the functions that share the posture; the probes' reports speak for them."
  type        = list(string)
  default     = []
}

variable "ipv6" {
  description = "Whether the workload reaches out over IPv6 (Ipv6AllowedForDualStack)."
  type        = bool
  default     = false
}

variable "bundle" {
  description = "Folder of the probe's bundle, as `npm run build` makes it."
  type        = string
  default     = null
}

variable "log_group" {
  description = "Name of the log group that all probes of the region share; null makes it, once a region."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days for which report lines are kept, where the module makes the log group."
  type        = number
  default     = 14
}

variable "every_minutes" {
  description = "Minutes between two runs."
  type        = number
  default     = 5

  validation {
    condition     = var.every_minutes >= 1 && var.every_minutes <= 1440 && floor(var.every_minutes) == var.every_minutes
    error_message = "every_minutes is a whole number from 1 to 1440."
  }
}

variable "jitter_minutes" {
  description = "Minutes over which a run may be put off; 0 is none."
  type        = number
  default     = 1

  validation {
    condition     = var.jitter_minutes >= 0 && var.jitter_minutes <= 1440 && floor(var.jitter_minutes) == var.jitter_minutes
    error_message = "jitter_minutes is a whole number from 0 to 1440."
  }
}

variable "memory_mb" {
  description = "Memory of a probe."
  type        = number
  default     = 256
}

variable "timeout_seconds" {
  description = "Limit of a run; longer than any holdMs of the plan."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_seconds >= 5 && var.timeout_seconds <= 900
    error_message = "timeout_seconds lies between 5 and 900."
  }
}

variable "reserved_concurrency" {
  description = "Invocations at once that are set aside for each probe; -1 is none."
  type        = number
  default     = -1
}

variable "metrics" {
  description = "Report lines that are CloudWatch metrics as well: none, probe (one metric a probe) or check (six for each check). Each is billed."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "probe", "check"], var.metrics)
    error_message = "metrics is none, probe or check."
  }
}

variable "alarms" {
  description = "Whether each probe gets a CloudWatch alarm; implies metrics = probe."
  type        = bool
  default     = false
}

variable "alarm_topic" {
  description = "ARN of the SNS topic that is told of alarms."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that the module makes."
  type        = map(string)
  default     = {}
}
