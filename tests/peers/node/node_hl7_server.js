// node-hl7-server as a receiver: prints its port, then MSH-10 of each message that it acknowledges.
const { Server } = require('node-hl7-server');

const inbound = new Server({ bindAddress: '127.0.0.1' }).createInbound({ port: Number(process.argv[2]) }, async (request, response) => {
  console.log(request.getMessage().get('MSH.10').toString());
  await response.sendResponse('AA');
});
inbound.on('listen', () => console.log('listening'));
