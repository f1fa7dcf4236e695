// Azure Custom Vision's own client. Each thing that is tried gives one line of JSON.
import { readFileSync } from 'node:fs';
import customVision from '@azure/cognitiveservices-customvision-prediction';
import msRest from '@azure/ms-rest-js';

const [endpoint, key, project, model, file, allowed, refused] = process.argv.slice(2);
const image = readFileSync(file);
const clientWith = (secret) => new customVision.PredictionAPIClient(
  new msRest.ApiKeyCredentials({ inHeader: { 'Prediction-key': secret } }), endpoint, { noRetryPolicy: true });
const client = clientWith(key);

const tries = {
  image: () => client.classifyImage(project, model, image),
  nostore: () => client.classifyImageWithNoStore(project, model, image),
  url: () => client.classifyImageUrl(project, model, { url: allowed }),
  urlNostore: () => client.classifyImageUrlWithNoStore(project, model, { url: allowed }),
  refused: () => client.classifyImageUrl(project, model, { url: refused }),
  unknown: () => client.classifyImage(project, 'none', image),
  damaged: () => client.classifyImage(project, model, image.subarray(0, 100)),
  wrongKey: () => clientWith('wrong').classifyImage(project, model, image),
};

for (const [name, attempt] of Object.entries(tries)) {
  const line = await attempt().catch(({ statusCode, body, message }) => ({ statusCode, body, message }));
  console.log(JSON.stringify({ name, ...line }));
}
