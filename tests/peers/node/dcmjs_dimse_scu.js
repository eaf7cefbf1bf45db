// dcmjs-dimse as a sender: PORT CALLED FILE... stores the files, or asks for an echo where there are none, over one
// association; prints the status of each answer in hexadecimal.
const { Client, log, requests } = require('dcmjs-dimse');

log.setLevel('silent');

const [port, called, ...files] = process.argv.slice(2);
const client = new Client();
for (const request of files.length ? files.map((file) => new requests.CStoreRequest(file)) : [new requests.CEchoRequest()]) {
  request.on('response', (response) => console.log(response.getStatus().toString(16).padStart(4, '0')));
  client.addRequest(request);
}
client.on('networkError', (error) => console.log(`network error: ${error.message}`));
client.on('associationRejected', (result) => console.log(`rejected: ${JSON.stringify(result)}`));
client.send('127.0.0.1', Number(port), 'DCMJS', called);
