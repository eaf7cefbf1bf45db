// node-hl7-client as a sender: PORT CONTROL-ID... sends a message for each, and prints MSA-1 and MSA-2 of each answer.
const { Client, Message } = require('node-hl7-client');

const [port, ...controlIds] = process.argv.slice(2);
let answered = () => {};
const connection = new Client({ host: '127.0.0.1' }).createConnection({ port: Number(port) }, async (response) => {
  const message = response.getMessage();
  console.log(message.get('MSA.1').toString(), message.get('MSA.2').toString());
  answered();
});

(async () => {
  for (const controlId of controlIds) {
    const answer = new Promise((resolve) => { answered = resolve; });
    const message = new Message({
      messageHeader: { msh_9_1: 'ADT', msh_9_2: 'A01', msh_9_3: 'ADT_A01', msh_10: controlId, msh_11_1: 'P' },
    });
    message.addSegment('PID').set('3', '0000001');
    await connection.sendMessage(message);
    await answer;
  }
  process.exit(); // close() leaves a timer behind
})();
