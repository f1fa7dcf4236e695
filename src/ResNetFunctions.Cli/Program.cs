Console.WriteLine("resnet");
