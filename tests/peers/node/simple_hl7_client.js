// simple-hl7 as a sender: PORT CONTROL-ID... sends a message for each over one connection, and prints MSA-1 and MSA-2 of
// each answer.
const hl7 = require('simple-hl7');

const [port, ...controlIds] = process.argv.slice(2);
const client = hl7.Server.createTcpClient({ host: '127.0.0.1', port: Number(port), keepalive: true });

function send() {
  if (!controlIds.length) {
    client.close();
    return;
  }
  const now = '20260102030405';
  const message = new hl7.Message('SIMPLE', 'WARD', 'HILUM', 'CLOUD', now, '', ['ADT', 'A01'], controlIds.shift(), 'P', '2.5.1');
  message.addSegment('PID', '1', '', '0000001');
  client.send(message, (error, answer) => {
    if (error) throw error;
    const msa = answer.getSegment('MSA');
    console.log(msa.getField(1), msa.getField(2));
    setImmediate(send); // its client forgets the answer only after this call
  });
}
send();
