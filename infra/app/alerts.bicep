import {
  blobFunction
  httpFunction
  poisonSuffix
  queueFunction
  resultCounter
  sweepFunction
  walkFunction
  workPoisonCounter
  workWaitHistogram
} from 'contract.bicep'

@description('Name before each rule.')
param prefix string

@description('Log Analytics workspace that the rules query.')
param workspaceName string

@description('Who is told by mail; empty: rules fire in the portal alone.')
param email string

@description('p95 of a classification over HTTP, in milliseconds, above which a rule fires.')
@minValue(1)
param latencyMs int

@description('Minutes that an image may wait in the work queue, above which a rule fires.')
@minValue(1)
param queueMinutes int

@description('Queue of images to classify.')
param workQueue string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('The rules. By log query: the length of a queue, the nearest metric, is measured once a day and for the whole account.')
var rules = [
  {
    name: 'blob-failures'
    description: 'Invocations of the blob trigger, of the queues\' functions or of the sweep failed. Each blob is tried again, by its trigger and then by the sweep.'
    severity: 2
    query: 'AppRequests | where Name in ("${blobFunction}", "${queueFunction}", "${walkFunction}", "${sweepFunction}") or OperationName in ("${blobFunction}", "${queueFunction}", "${walkFunction}", "${sweepFunction}") | where Success == false'
    measure: { timeAggregation: 'Count' }
    threshold: 5
  }
  {
    name: 'failed-results'
    description: 'Images were given up after five tries. `resnet blobs backfill --failed` tries them again.'
    severity: 1
    query: 'AppMetrics | where Name == "${resultCounter}" and tostring(Properties["status"]) == "failed"'
    measure: { timeAggregation: 'Total', metricMeasureColumn: 'Sum' }
    threshold: 0
  }
  {
    name: 'queue-age'
    description: 'An image waited in the work queue for longer than the limit. Raise the maximum of instances, or let a backfill take its time.'
    severity: 3
    query: 'AppMetrics | where Name == "${workWaitHistogram}" | project TimeGenerated, Minutes = Max / 60'
    measure: { timeAggregation: 'Maximum', metricMeasureColumn: 'Minutes' }
    threshold: queueMinutes
  }
  {
    name: 'poison-messages'
    description: 'Messages of the work queues were given up, by the app (the log says why) or by the host after five deliveries. The next walk finds their images again.'
    severity: 1
    query: 'union (AppMetrics | where Name == "${workPoisonCounter}" | project TimeGenerated, Messages = Sum), (AppTraces | where Message has "MaxDequeueCount" and Message has "${workQueue}" and Message has "${poisonSuffix}" | project TimeGenerated, Messages = real(1))'
    measure: { timeAggregation: 'Total', metricMeasureColumn: 'Messages' }
    threshold: 0
  }
  {
    name: 'server-errors'
    description: 'More than one in a hundred HTTP answers was a 5xx. 503 is a full queue: raise the maximum of instances or the memory.'
    severity: 1
    query: 'AppRequests | where isnotempty(Url) | summarize Errors = countif(toint(ResultCode) >= 500), Total = count() by bin(TimeGenerated, 15m) | where Total >= 20 | project TimeGenerated, Percent = 100.0 * Errors / Total'
    measure: { timeAggregation: 'Maximum', metricMeasureColumn: 'Percent' }
    threshold: 1
  }
  {
    name: 'slow-answers'
    description: 'The 95th percentile of a classification over HTTP is above the limit.'
    severity: 3
    query: 'AppRequests | where OperationName == "${httpFunction}" or Url has "/api/classify" | summarize P95 = percentile(DurationMs, 95), Total = count() by bin(TimeGenerated, 15m) | where Total >= 20 | project TimeGenerated, P95'
    measure: { timeAggregation: 'Maximum', metricMeasureColumn: 'P95' }
    threshold: latencyMs
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: '${prefix}-mail'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'resnet'
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${prefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      // A new workspace has no tables yet, and a query over them would not validate.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            ...rule.measure
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [mail.id] }
    }
  }
]
