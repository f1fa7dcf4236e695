// Built-in roles by the ids that Azure gives them, the same in every tenant.

@export()
@description('Read, write and delete blobs, set ownership; create containers.')
var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

@export()
@description('Read, write and delete blobs.')
var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

@export()
@description('Read, write and delete queues and their messages.')
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'

@export()
@description('Read, write and delete tables and their entities.')
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

@export()
@description('Send telemetry to a monitored resource; read nothing.')
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
