// Hugging Face's own client. Each thing that is tried gives one line of JSON.
import { readFileSync } from 'node:fs';
import { InferenceClient } from '@huggingface/inference';

const [endpoint, key, model, file] = process.argv.slice(2);
const data = new Blob([readFileSync(file)]);
const classify = (name, accessToken) =>
  new InferenceClient(accessToken).imageClassification({ endpointUrl: `${endpoint}models/${name}`, data }, { retry_on_error: false });

const tries = {
  image: () => classify(model, key),
  unknown: () => classify('none', key),
  wrongKey: () => classify(model, 'wrong'),
};

for (const [name, attempt] of Object.entries(tries)) {
  const line = await attempt().then((labels) => ({ labels })).catch(({ message, httpResponse }) => ({ message, status: httpResponse?.status, body: httpResponse?.body }));
  console.log(JSON.stringify({ name, ...line }));
}
