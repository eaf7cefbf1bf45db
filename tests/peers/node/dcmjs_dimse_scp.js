// dcmjs-dimse as a store: prints its port, then the SOP Instance UID of each instance that it takes.
const { Scp, Server, constants, log, responses } = require('dcmjs-dimse');

log.setLevel('silent');

class Store extends Scp {
  associationRequested(association) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      context.setResult(constants.PresentationContextResult.Accept, context.getTransferSyntaxUids()[0]);
    }
    this.sendAssociationAccept();
  }

  cEchoRequest(request, callback) {
    this.succeed(responses.CEchoResponse.fromRequest(request), callback);
  }

  cStoreRequest(request, callback) {
    console.log(request.getAffectedSopInstanceUid());
    this.succeed(responses.CStoreResponse.fromRequest(request), callback);
  }

  succeed(response, callback) {
    response.setStatus(constants.Status.Success);
    callback(response);
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

const server = new Server(Store);
server.on('networkError', (error) => console.log(`network error: ${error.message}`));
server.listen(Number(process.argv[2]));
server.server.on('listening', () => console.log('listening'));
