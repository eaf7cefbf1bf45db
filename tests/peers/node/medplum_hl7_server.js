// @medplum/hl7 as a receiver: prints MSH-10 of each message that it acknowledges.
const { Hl7Server } = require('@medplum/hl7');

const server = new Hl7Server((connection) => {
  connection.addEventListener('message', ({ message }) => {
    console.log(message.getSegment('MSH').getField(10).toString());
    connection.send(message.buildAck());
  });
});
server.start(Number(process.argv[2]));
console.log('listening');
