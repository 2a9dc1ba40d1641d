// EU DSS as a maker of signed PDFs: one order as JSON per line on stdin, one answer as JSON per line on stdout.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import eu.europa.esig.dss.enumerations.CertificationPermission;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.EncryptionAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.SignatureFieldParameters;
import eu.europa.esig.dss.pades.SignatureImageParameters;
import eu.europa.esig.dss.pades.SignatureImageTextParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxNativeObjectFactory;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore.PasswordProtection;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collections;

/** One JVM that stays warm. An order names `in`, `out`, `action` (sign, extend), `level`, and what makers.dss says. */
public final class Maker {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Maker() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not be read as an answer
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String error = null;
            try {
                make(JSON.readTree(line));
            } catch (Exception broken) {
                error = broken.toString(); // the caller says which order failed
            }
            answers.println(JSON.writeValueAsString(Collections.singletonMap("error", error)));
        }
    }

    private static void make(JsonNode order) throws Exception {
        PAdESService service = new PAdESService(verifier(order.get("trust").asText()));
        service.setPdfObjFactory(new PdfBoxNativeObjectFactory());
        service.setTspSource(new OnlineTSPSource(order.get("tsa").asText()));
        DSSDocument document = new FileDocument(order.get("in").asText());
        PAdESSignatureParameters parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.valueByName("PAdES-BASELINE-" + order.get("level").asText().substring(2)));
        DSSDocument result = order.get("action").asText().equals("extend")
                ? service.extendDocument(document, parameters)
                : sign(order, service, document, parameters);
        result.save(order.get("out").asText());
    }

    private static DSSDocument sign(
            JsonNode order, PAdESService service, DSSDocument document, PAdESSignatureParameters parameters) throws Exception {
        char[] password = order.get("password").asText().toCharArray();
        try (Pkcs12SignatureToken token =
                new Pkcs12SignatureToken(order.get("p12").asText(), new PasswordProtection(password))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            parameters.setDigestAlgorithm(DigestAlgorithm.forName(order.path("digest").asText("SHA256")));
            parameters.setSigningCertificate(key.getCertificate());
            parameters.setCertificateChain(key.getCertificateChain());
            if (order.path("pss").asBoolean()) {
                parameters.setEncryptionAlgorithm(EncryptionAlgorithm.RSASSA_PSS);
            }
            if (order.has("certify")) {
                parameters.setPermission(CertificationPermission.fromCode(order.get("certify").asInt()));
            }
            if (order.has("reason")) {
                parameters.setReason(order.get("reason").asText());
                parameters.setLocation("TEST ward");
                parameters.setContactInfo("TEST desk");
            }
            SignatureImageParameters image = new SignatureImageParameters();
            SignatureFieldParameters field = image.getFieldParameters();
            if (order.has("field")) {
                field.setFieldId(order.get("field").asText());
            }
            if (order.path("visible").asBoolean()) {
                field.setPage(1);
                field.setOriginX(60);
                field.setOriginY(60);
                field.setWidth(200);
                field.setHeight(50);
            }
            if (order.path("visible").asBoolean() || order.has("field")) {
                SignatureImageTextParameters text = new SignatureImageTextParameters();
                text.setText("TEST signed by DSS");
                image.setTextParameters(text);
                parameters.setImageParameters(image);
            }
            SignatureValue value = token.sign(service.getDataToSign(document, parameters), parameters.getSignatureAlgorithm(), key);
            return service.signDocument(document, parameters, value);
        }
    }

    private static CommonCertificateVerifier verifier(String trust) throws Exception {
        CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
        try (InputStream stream = new FileInputStream(trust)) {
            roots.addCertificate(new CertificateToken(
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream)));
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(roots);
        verifier.setAIASource(new DefaultAIASource());
        verifier.setCrlSource(new OnlineCRLSource());
        verifier.setOcspSource(new OnlineOCSPSource());
        return verifier;
    }
}
