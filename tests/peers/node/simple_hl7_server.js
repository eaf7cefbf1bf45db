// simple-hl7 as a receiver: prints MSH-10 of each message that it acknowledges.
const hl7 = require('simple-hl7');

const server = hl7.tcp();
server.use((request, response) => {
  console.log(request.msg.header.getField(8));
  response.end();
});
server.start(Number(process.argv[2]));
server.server.server.on('listening', () => console.log('listening'));
