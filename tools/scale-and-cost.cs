#!/usr/bin/env dotnet
// Computes the tables of docs/scale-and-cost.md: `dotnet run tools/scale-and-cost.cs` prints them, `-- --write` puts them
// into the document. Without `--float32`, `--int8` (pictures a second on one core, from `resnet bench`), `--walk` (images
// that a walk lists and enqueues in a second) and `--queue` (milliseconds of a core that the queue adds to a picture, both
// from WalkFigures), it takes the document's figures.
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

const string Begin = "<!-- tools/scale-and-cost.cs begin -->\n", End = "<!-- tools/scale-and-cost.cs end -->";
string document = Path.Combine(Path.GetDirectoryName(Source())!, "..", "docs", "scale-and-cost.md");
string text = File.ReadAllText(document);

const string RateRow = "pictures/s on one core", WalkRow = "images listed and enqueued by one walk, a second";
const string QueueRow = "what the queue adds to a picture, ms of a core";

double float32 = Argument("--float32", RateRow, 1);
double int8 = Argument("--int8", RateRow, 2);

double walk = Argument("--walk", WalkRow, 1);
double queueMilliseconds = Argument("--queue", QueueRow, 1);

// The deployment: infra/main.bicep's defaults.
const double InstanceGB = 2, Instances = 40;
// Assumption, not measured: how fast Flex Consumption adds instances to a queue.
const double InstancesAddedPerSecond = 1;
// Azure's targets for a queue and for a storage account.
const double QueueMessagesPerSecond = 2000, AccountRequestsPerSecond = 20_000;

// WorkMessage.MaxImages, WalkProgress.MaxEnqueued, a listing's page.
const double ImagesPerMessage = 32, ImagesPerStep = 512, ImagesPerPage = 5000;

// US dollars, East US 2, pay as you go; docs/scale-and-cost.md names the sources and dates.
const double OnDemandGBSecond = 0.000026, AlwaysReadyGBSecond = 0.000004, AlwaysReadyBusyGBSecond = 0.000016;
const double Execution = 0.40 / 1e6, EventOperation = 0.60 / 1e6;
const double BlobWrite = 0.05 / 1e4, BlobList = 0.05 / 1e4, BlobRead = 0.004 / 1e4, QueueOperation = 0.004 / 1e4;
const double LogGB = 2.76;
const double ContainerCoreSecond = 0.000024, ContainerIdleCoreSecond = 0.000003, ContainerGBSecond = 0.000003;

// For one uploaded picture.
const double EventOperations = 5, BlobReads = 5, BlobWrites = 1, QueueOperations = 3, LogBytes = 2000;
// For one picture of a backfill: properties of image and result, the bytes, the write, the properties again.
const double BackfillReads = 4, BackfillWrites = 1, OperationsPerMessage = 3;
const double Month = 30 * 24 * 3600;

var tables = new StringBuilder();
Measured();
InstancesNeeded();
PicturesOverHttp();
PicturesAsBlobs();
Burst();
BackfillTime();
BackfillCost();
Sweep();
BreakEven();

if (args.Contains("--write"))
    File.WriteAllText(document, text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + tables + text[text.IndexOf(End, StringComparison.Ordinal)..]);
else
    Console.Write(tables);

void Measured()
{
    Table("Measured, and all that follows from it", "", "float32", "int8");
    Row(RateRow, $"{float32}", $"{int8}");
    Table("By way of the queue", "", "");
    Row(WalkRow, $"{walk}");
    Row(QueueRow, $"{queueMilliseconds}");
}

void InstancesNeeded()
{
    Table("Instances of 2048 MB (one core each) for a steady rate, at 70 % of what a core can do", "pictures/s", "float32", "int8");
    foreach (double rate in (double[])[1, 10, 100, 1000])
        Row($"{rate:N0}", $"{Math.Ceiling(rate / (0.7 * float32)):N0}", $"{Math.Ceiling(rate / (0.7 * int8)):N0}");
}

void PicturesOverHttp()
{
    Table("A million pictures over HTTP, in dollars", "how they come", "float32", "int8");
    Row("instances kept busy, on demand", Dollars(1e6 * Busy(float32)), Dollars(1e6 * Busy(int8)));
    Row("instances kept busy, always ready", Dollars(1e6 * (InstanceGB * (AlwaysReadyGBSecond + AlwaysReadyBusyGBSecond) / float32 + Execution)),
        Dollars(1e6 * (InstanceGB * (AlwaysReadyGBSecond + AlwaysReadyBusyGBSecond) / int8 + Execution)));
    Row("each alone (billed for a whole second)", Dollars(1e6 * (InstanceGB * OnDemandGBSecond + Execution)), Dollars(1e6 * (InstanceGB * OnDemandGBSecond + Execution)));
    tables.AppendLine($"\nAn always-ready instance that waits costs {Dollars(Month * InstanceGB * AlwaysReadyGBSecond)} dollars a month.");
}

void PicturesAsBlobs()
{
    Table("A million uploaded pictures, in dollars", "what", "float32", "int8");
    double events = 1e6 * EventOperations * EventOperation;
    double blobs = 1e6 * (BlobWrites * BlobWrite + BlobReads * BlobRead);
    double queue = 1e6 * QueueOperations * QueueOperation;
    double logs = 1e6 * LogBytes / 1e9 * LogGB;
    Row("computing", Dollars(1e6 * Busy(float32)), Dollars(1e6 * Busy(int8)));
    Row("writing the result and reading the image", Dollars(blobs), Dollars(blobs));
    Row("Event Grid, at most", Dollars(events), Dollars(events));
    Row("the trigger's queue", Dollars(queue), Dollars(queue));
    Row("telemetry", Dollars(logs), Dollars(logs));
    double rest = events + blobs + queue + logs;
    Row("**together**", $"**{Dollars(1e6 * Busy(float32) + rest)}**", $"**{Dollars(1e6 * Busy(int8) + rest)}**");
}

void Burst()
{
    Table($"Until the last of a burst has its result, with at most {Instances:N0} instances", "uploads at once", "float32", "int8");
    foreach (double uploads in (double[])[1e4, 1e5, 1e6, 1e7])
        Row($"{uploads:N0}", Duration(OfBurst(uploads, float32)), Duration(OfBurst(uploads, int8)));

    double OfBurst(double uploads, double rate) => Delay(uploads, rate, Math.Min(Instances * rate, QueueMessagesPerSecond));
}

// In brackets: what limits the time.
void BackfillTime()
{
    Table("Until the last image of a backfill has its result, by one walk, one queue and one account; in brackets what sets the pace", "images", "instances", "float32", "int8");
    foreach (double images in (double[])[1e6, 1e7, 1e8])
    {
        foreach (double instances in (double[])[1, 10, 100, 1000])
            Row($"{images:N0}", $"{instances:N0}", Backfill(images, instances, float32), Backfill(images, instances, int8));
    }
}

string Backfill(double images, double instances, double rate)
{
    (double Rate, string What)[] paces =
    [
        (instances * Queued(rate), "instances"),
        (walk, "walk"),
        (AccountRequestsPerSecond / (BackfillReads + BackfillWrites), "account"),
        (QueueMessagesPerSecond * ImagesPerMessage, "queue"),
    ];
    (double pace, string what) = paces.Min();
    return $"{Duration(Delay(images, Queued(rate), pace))} ({what})";
}

void BackfillCost()
{
    double[] counts = [1e6, 1e7, 1e8];
    Table("A backfill, in dollars", ["what", .. counts.Select(images => $"{images:N0} images")]);
    double messages = 1 / ImagesPerMessage, steps = 1 / ImagesPerStep;
    (string What, double Image)[] rest =
    [
        ("listing, and noting how far the walk is", BlobList / ImagesPerPage + steps * BlobWrite),
        ("the queue", messages * OperationsPerMessage * QueueOperation),
        ("writing the result and reading the image", BackfillWrites * BlobWrite + BackfillReads * BlobRead),
        ("telemetry", messages * LogBytes / 1e9 * LogGB),
    ];
    (string What, double Image)[] computing = [("computing, float32", BusyByQueue(float32)), ("computing, int8", BusyByQueue(int8))];
    foreach ((string what, double image) in rest.Concat(computing))
        Row([what, .. counts.Select(images => Dollars(images * image))]);
    foreach ((string what, double image) in computing)
        Row([$"**together{what["computing".Length..]}**", .. counts.Select(images => $"**{Dollars(images * (image + rest.Sum(part => part.Image)))}**")]);

    double BusyByQueue(double rate) => InstanceGB * OnDemandGBSecond / Queued(rate) + messages * Execution;
}

// Pictures a second on one core, with the queue's overhead.
double Queued(double rate) => 1 / (1 / rate + queueMilliseconds / 1000);

void Sweep()
{
    Table("One sweep over a container, in dollars", "images", "list calls", "one sweep", "daily, a month", "every 15 s, a month");
    foreach (double images in (double[])[1e4, 1e6, 1e8])
    {
        // A page holds 5,000 names, and each image has its result beside it.
        double calls = Math.Ceiling(2 * images / 5000);
        double sweep = calls * BlobList + images / ImagesPerPage * BlobWrite; // The walk notes how far it is as often as that.
        Row($"{images:N0}", $"{calls:N0}", Dollars(sweep), Dollars(30 * sweep), Dollars(Month / 15 * sweep));
    }
}

void BreakEven()
{
    // Busy for a share u of the month, Flex Consumption costs its rate for u, the container its busy rate for u and its idle
    // rate for the rest. Both cost 0.40 a million requests, which cancels out.
    double flex = InstanceGB * OnDemandGBSecond;
    double idle = ContainerIdleCoreSecond + InstanceGB * ContainerGBSecond;
    double busy = ContainerCoreSecond + InstanceGB * ContainerGBSecond;
    double share = idle / (flex - busy + idle);
    Table("Where one always-on container (1 vCPU, 2 GiB) becomes cheaper than Flex Consumption", "", "float32", "int8");
    Row("share of the month that a core is busy", $"{share:P0}", $"{share:P0}");
    Row("pictures a month, coming without gaps", Millions(share * float32 * Month), Millions(share * int8 * Month));
    double alone = idle * Month / flex;
    Row("pictures a month, each alone", Millions(alone), Millions(alone));
    tables.AppendLine($"\nThe container costs {Dollars(Month * idle)} dollars a month idle and {Dollars(Month * busy)} busy.");
}

double Busy(double rate) => InstanceGB * OnDemandGBSecond / rate + Execution;

// Instances come one after another until there are enough; each does `rate` a second, all together at most the ceiling.
double Delay(double uploads, double rate, double ceiling)
{
    double ramp = ceiling / (InstancesAddedPerSecond * rate);
    double duringRamp = InstancesAddedPerSecond * rate * ramp * ramp / 2;
    return uploads <= duringRamp
        ? Math.Sqrt(2 * uploads / (InstancesAddedPerSecond * rate))
        : ramp + (uploads - duringRamp) / ceiling;
}

void Table(string title, params string[] columns)
{
    if (tables.Length > 0)
        tables.AppendLine();
    tables.AppendLine($"{title}:\n");
    Row(columns);
    Row([.. columns.Select((_, index) => index == 0 ? "---" : "---:")]);
}

void Row(params string[] cells) => tables.AppendLine($"| {string.Join(" | ", cells)} |");

string Dollars(double amount) => amount >= 0.1 ? $"{amount:N2}" : $"{amount:0.######}";

string Millions(double count) => $"{count / 1e6:0.0} million";

string Duration(double seconds) => seconds switch
{
    < 120 => $"{seconds:N0} s",
    < 7200 => $"{seconds / 60:N0} min",
    < 172_800 => $"{seconds / 3600:0.0} h",
    _ => $"{seconds / 86_400:0.0} days",
};

double Argument(string name, string of, int column)
{
    if (Array.IndexOf(args, name) is >= 0 and var index)
        return double.Parse(args[index + 1]);
    string row = text.Split('\n').Single(line => line.StartsWith($"| {of} |", StringComparison.Ordinal));
    return double.Parse(row.Split('|')[column + 1]);
}

static string Source([CallerFilePath] string path = "") => path;
