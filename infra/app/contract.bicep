// The names that the template and the code share. The test Infra/ContractTests.cs reads them from here and from the
// published app, so a name changed on one side alone fails the build.

@export()
@description('Prefix of the settings from which the blob trigger, the sweep and the command line make their connection.')
var imageConnection = 'ImageStorage'

@export()
@description('Function that Event Grid calls for each uploaded blob.')
var blobFunction = 'ClassifyBlob'

@export()
@description('Timer function that looks for what no event reported.')
var sweepFunction = 'SweepImages'

@export()
@description('Function that classifies the images that a message of the work queue names.')
var queueFunction = 'ClassifyQueued'

@export()
@description('Function that lists a container and puts what needs work into the work queue.')
var walkFunction = 'WalkImages'

@export()
@description('End of the name of the queue of walks, after the name of the work queue.')
var walkQueueSuffix = '-walks'

@export()
@description('End of the name of a queue of messages that were given up. The name is the queue extension\'s.')
var poisonSuffix = '-poison'

@export()
@description('Histogram of the seconds from an image\'s being found until its message is taken from the queue.')
var workWaitHistogram = 'resnet.work.wait'

@export()
@description('Counter of the messages that the app put into a poison queue.')
var workPoisonCounter = 'resnet.work.poison'

@export()
@description('HTTP function that classifies what a client posts.')
var httpFunction = 'ClassifyImage'

@export()
@description('End of the name of a result beside its image; such a blob is never an image.')
var resultSuffix = '.classification.json'

@export()
@description('Queue that the blob extension writes to when an image has failed its last try. The name is the extension\'s.')
var poisonQueue = 'webjobs-blobtrigger-poison'

@export()
@description('Counter of the results written, with the attribute "status": classified, rejected or failed.')
var resultCounter = 'resnet.blob.results'

@export()
@description('Settings of section ResNet that a deployment may set. What is left out keeps the default of the code.')
type resNetSettings = {
  @description('Model that answers when a request names none.')
  DefaultModel: string?

  @description('File of weights that the user brought, relative to the app\'s folder.')
  Weights: string?

  @description('Predictions in an answer when the request does not say.')
  @minValue(1)
  @maxValue(1000)
  Top: int?

  @description('Largest image, in bytes.')
  @minValue(1)
  @maxValue(1073741824)
  MaxImageBytes: int?

  @description('Largest request, in bytes. The host itself takes 104,857,600.')
  @minValue(1)
  @maxValue(2147483648)
  MaxRequestBytes: int?

  @description('Memory for all requests held at once on one instance, in bytes; at least twice MaxRequestBytes.')
  @minValue(1)
  @maxValue(68719476736)
  MaxBytesInFlight: int?

  @description('Largest image, in pixels.')
  @minValue(1)
  @maxValue(536870912)
  MaxImagePixels: int?

  @description('Pixels decoded at once on one instance, 4 bytes each; at least MaxImagePixels.')
  @minValue(1)
  @maxValue(2147483648)
  MaxPixelsInFlight: int?

  @description('Pictures that run at once on one instance. Not set: the cores of the instance.')
  @minValue(1)
  @maxValue(1024)
  MaxConcurrency: int?

  @description('Requests that wait for a core.')
  @minValue(0)
  @maxValue(100000)
  MaxQueue: int?

  @description('Longest wait for a core, as hh:mm:ss.')
  QueueTimeout: string?

  @description('Threads of one run; 0: every core for a request that is alone, its share of them for one among others.')
  @minValue(0)
  @maxValue(256)
  IntraOpThreads: int?

  @description('Models held in memory.')
  @minValue(1)
  @maxValue(64)
  MaxLoadedModels: int?

  @description('Image decoder.')
  Decoder: ('Skia' | 'ImageSharp')?

  @description('Whether large JPEG files are decoded at a smaller scale: quicker, and no longer torchvision\'s pixels.')
  FastDecode: bool?

  @description('Whether the EXIF orientation is applied.')
  ApplyOrientation: bool?

  @description('Language of the labels where a request names none.')
  Language: ('en' | 'zh')?

  @description('Key that clients of other services give. Not set: there are no routes for them.')
  @secure()
  ClientKey: string?

  @description('Hosts, separated by commas, that an image may be fetched from where a client names its address. Not set: none.')
  UrlHosts: string?
}

@export()
@description('Settings of section Blobs that a deployment may set, besides its containers. What is left out keeps the default of the template.')
type blobSettings = {
  @description('Model that classifies blobs. Not set: the default model.')
  Model: string?

  @description('When the sweep runs, as an NCRONTAB expression in UTC. Empty: no sweep, so an event that was lost stays lost.')
  SweepSchedule: string?

  @description('Age below which the sweep leaves a blob to the trigger, as hh:mm:ss.')
  SweepMinimumAge: string?

  @description('Messages, of up to 32 images each, that may wait in the work queue before walks pause.')
  @minValue(1)
  @maxValue(100000000)
  WorkQueueLimit: int?
}
