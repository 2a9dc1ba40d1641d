// EU DSS as a judge: reads `trust.pem<TAB>file` lines on stdin, writes one JSON line per file on stdout.

import com.fasterxml.jackson.databind.ObjectMapper;
import eu.europa.esig.dss.diagnostic.AbstractSignatureWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.diagnostic.jaxb.XmlSignatureScope;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One JVM that stays warm across files. It tells what DSS says, facts only; tests/judges/dss.py decides. */
public final class Judge {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Judge() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream verdicts = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not be read as a verdict
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split("\t", 2);
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("error", null);
            said.put("container", null);
            said.put("signatures", List.of());
            said.put("timestamps", List.of());
            try {
                judge(parts[0], parts[1], said);
            } catch (Exception | StackOverflowError | OutOfMemoryError broken) {
                // Whatever stops DSS is its answer about this file, and must not end the judging of the others.
                said.put("error", broken.toString());
            }
            verdicts.println(JSON.writeValueAsString(said));
        }
    }

    private static void judge(String trust, String file, Map<String, Object> said) throws Exception {
        // No source of certificates, CRLs or OCSP responses is set: DSS has the file and the roots, and no network.
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(roots(trust));
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        if (data.getContainerType() != null) {
            said.put("container", data.getContainerType().toString());
        }
        List<Object> signatures = new ArrayList<>();
        for (SignatureWrapper signature : data.getSignatures()) {
            Map<String, Object> about = about(signature, simple, signature.getSignatureScopes());
            about.put("kind", String.valueOf(simple.getSignatureFormat(signature.getId())));
            signatures.add(about);
        }
        said.put("signatures", signatures);
        List<Object> timestamps = new ArrayList<>();
        for (TimestampWrapper timestamp : data.getTimestampList()) {
            Map<String, Object> about = about(timestamp, simple, timestamp.getTimestampScopes());
            about.put("kind", String.valueOf(timestamp.getType()));
            timestamps.add(about);
        }
        said.put("timestamps", timestamps);
    }

    private static CommonTrustedCertificateSource roots(String pem) throws Exception {
        CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
        try (InputStream stream = new FileInputStream(pem)) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(stream)) {
                roots.addCertificate(new CertificateToken((X509Certificate) one));
            }
        }
        return roots;
    }

    private static Map<String, Object> about(
            AbstractSignatureWrapper token, SimpleReport simple, List<XmlSignatureScope> scopes) {
        String id = token.getId();
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("indication", String.valueOf(simple.getIndication(id)));
        about.put("sub_indication", simple.getSubIndication(id) == null ? "" : simple.getSubIndication(id).toString());
        about.put("errors", simple.getAdESValidationErrors(id).stream().map(Message::getValue).toList());
        about.put("warnings", simple.getAdESValidationWarnings(id).stream().map(Message::getValue).toList());
        about.put("covers", scopes.stream().map(XmlSignatureScope::getName).toList());
        boolean inPdf = token.getPDFRevision() != null;
        about.put("range", inPdf ? token.getSignatureByteRange().stream().map(BigInteger::longValue).toList() : List.of());
        about.put("changes", inPdf ? changes(token) : List.of());
        return about;
    }

    /** What DSS finds changed in the PDF after this signature or timestamp: `CREATION /Root/DSS`. */
    private static List<String> changes(AbstractSignatureWrapper token) {
        List<String> changes = new ArrayList<>();
        for (List<XmlObjectModification> kind : List.of(
                token.getPdfExtensionChanges(),
                token.getPdfSignatureOrFormFillChanges(),
                token.getPdfAnnotationChanges(),
                token.getPdfUndefinedChanges())) {
            kind.forEach(one -> changes.add(one.getAction() + " " + one.getType() + " " + one.getValue()));
        }
        token.getPdfAnnotationsOverlapConcernedPages().forEach(page -> changes.add("OVERLAP page " + page));
        token.getPdfVisualDifferenceConcernedPages().forEach(page -> changes.add("VISUAL page " + page));
        token.getPdfPageDifferenceConcernedPages().forEach(page -> changes.add("PAGES page " + page));
        return changes;
    }
}
