"""FHIR as a format of messages.

**Body.** One resource in JSON and UTF-8, of R4, R4B or R5. A Bundle of type ``transaction`` or ``batch`` is executed;
every other resource is stored. Nothing is rewritten on the way: numbers keep their digits.

**Interaction.** A listener that takes FHIR over HTTP says what its peer asked for (:class:`Interaction`), and passes on
the store's own response (``Response`` of an outcome), because ID, ETag and Location are the store's. It relays: the
spool does not keep an interaction. Without one the body says what to do, which is the case for what a step makes, what
the spool holds and what files hold: a transaction or a batch is posted; a resource with an ``id`` replaces
``Type/id``; one with an identifier that has a system replaces ``Type?identifier=system|value``; any other is created.

**Facts.** ``interaction`` is one of INTERACTIONS, ``resource_type`` the type, which is ``Bundle`` for a transaction.

**Merging.** In HL7v2 an absent field leaves a value as it is, and a PUT deletes what is absent. So a step that makes a
transaction of such a message says in extensions of each entry, by the URLs below, how to merge its resource with the
one in the store. They are part of the body: a step is run again at each delivery, also after a restart, and a bundle in
a file has them too. A destination removes them before it sends the entry.

* The ``fullUrl`` is a ``urn:uuid:`` that is the same for the same thing in every message. References have this form.
* The ``request`` has a condition with one identifier. PUT: the message is about this thing. POST with ``ifNoneExist``:
  the message names it only; its content is used while the store has nothing better.
* OWNS, CLEARS and ADDS name elements as FHIR does, in ``valueString``: ``name``, ``period.end``, ``deceased[x]``,
  ``extension(URL)``, ``_birthDate.extension(URL)``. KEEPS names items of a list by a value in them.
"""

import re
from typing import Literal

from gateway.contract.records import record

FHIR_FACTS = ("interaction", "resource_type")
InteractionName = Literal["create", "update", "patch", "delete", "transaction", "batch"]
INTERACTIONS: tuple[InteractionName, ...] = ("create", "update", "patch", "delete", "transaction", "batch")

WORDS = "urn:hilum:fhir:"
"""The beginning of the URL of each extension of an entry."""
OWNS = f"{WORDS}owns"
"""An element of the message, or nothing, replaces the one in the store. Elements that are not owned are used if the
store has none."""
CLEARS = f"{WORDS}clears"
"""An element is removed."""
KEEPS = f"{WORDS}keeps"
"""``telecom(use=work)``: items of a list that stay although the message owns or clears the list, unless it has such an
item itself."""
ADDS = f"{WORDS}adds"
"""The items of a list are added."""
DROPS_LINK = f"{WORDS}drops-link"
"""``valueReference``: the links to this patient are removed, before those of the message are added."""
MOVES = f"{WORDS}moves"
"""``valueBoolean``: the thing becomes that of another patient. Without it a thing of another patient is not changed."""
TAKES = f"{WORDS}takes"
"""``valueIdentifier``: from now on this patient has the identifier, and no other one."""
ALSO = f"{WORDS}also"
"""``valueUri``: a key that the thing has where a message names its patient by another number first."""
RIVAL = f"{WORDS}rival"
"""``valueUri``: a key of another thing. If the store has that too, nobody knows which of them the message means."""
AS_OF = f"{WORDS}as-of"
"""When what the message says was so: what is older never replaces what is newer. It is ``valueDateTime``, or
``valueString`` where FHIR has no form for it: by a clock whose zone nobody knows, ``2024-05-01T08:00:00``; or one of
two times, ``2024-10-27T02:10:00+02:00/2024-10-27T02:10:00+01:00``, by a clock in the hour that comes twice."""
SENT = f"{WORDS}sent"
"""When the message was made, in the same forms, if that is another time. It decides where AS_OF does not."""

PASSED_ON = ("If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since", "Prefer", "Content-Type")
"""The header fields of a peer's request that a store gets."""
TARGET = re.compile(
    r"(?:[A-Z][A-Za-z]{0,63}(?:/(?!\.{1,2}(?:\?|\Z))[A-Za-z0-9.-]{1,64})?(?:\?[!-\"$-~]{1,4000})?)?", re.ASCII
)
"""The whole address of an interaction: nothing for a bundle, otherwise type, ID and condition."""

_TYPES = """
Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance Appointment
AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct
BiologicallyDerivedProductDispense BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem Communication
CommunicationRequest CompartmentDefinition Composition ConceptMap Condition ConditionDefinition Consent Contract
Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceAssociation
DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage DeviceUseStatement DiagnosticReport
DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter EncounterHistory Endpoint EnrollmentRequest
EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceReport EvidenceVariable ExampleScenario
ExplanationOfBenefit FamilyMemberHistory Flag FormularyItem GenomicStudy Goal GraphDefinition Group GuidanceResponse
HealthcareService ImagingSelection ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation
ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice Library Linkage List Location
ManufacturedItemDefinition Measure MeasureReport Media Medication MedicationAdministration MedicationDispense
MedicationKnowledge MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductDefinition MedicinalProductIndication MedicinalProductIngredient
MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake
NutritionOrder NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome Organization
OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice PaymentReconciliation Permission
Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
RegulatedAuthorization RelatedPerson RequestGroup RequestOrchestration Requirements ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter
ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus
SubscriptionTopic Substance SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein
SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet VerificationResult VisionPrescription
"""
RESOURCE_TYPES = frozenset(_TYPES.split())
"""The types of R4, R4B and R5. A reason or a log line names only these: what else a sender writes as a type is
payload."""


@record
class Interaction:
    """What a peer has asked for over HTTP."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    url: str
    """The address below the base of the store, which TARGET matches. A condition may name a patient: it is payload."""
    headers: tuple[tuple[str, str], ...] = ()
    """Those of PASSED_ON that the peer has sent, with these names."""


REFERRED_TO = (
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Device",
    "Medication",
    "Patient",
    "Coverage",
    "EpisodeOfCare",
    "Encounter",
    "Specimen",
    "ServiceRequest",
    "MedicationRequest",
)
"""Types that others refer to, in this order: a store that checks references needs them first."""
