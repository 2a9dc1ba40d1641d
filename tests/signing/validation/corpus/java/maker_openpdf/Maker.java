// OpenPDF as a maker of signed PDFs: one order as JSON per line on stdin, one answer as JSON per line on stdout.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.lowagie.text.Rectangle;
import com.lowagie.text.pdf.PdfDate;
import com.lowagie.text.pdf.PdfDictionary;
import com.lowagie.text.pdf.PdfName;
import com.lowagie.text.pdf.PdfPKCS7;
import com.lowagie.text.pdf.PdfReader;
import com.lowagie.text.pdf.PdfSignature;
import com.lowagie.text.pdf.PdfSignatureAppearance;
import com.lowagie.text.pdf.PdfStamper;
import com.lowagie.text.pdf.PdfString;
import com.lowagie.text.pdf.TSAClientBouncyCastle;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.Calendar;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** One JVM that stays warm. An order names `in`, `out`, and what makers/openpdf.py says. */
public final class Maker {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROOM = 20000; // bytes for a CMS

    private Maker() {}

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
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
        char[] password = order.get("password").asText().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = new FileInputStream(order.get("p12").asText())) {
            store.load(stream, password);
        }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, password);
        Certificate[] chain = store.getCertificateChain(alias);
        PdfReader reader = new PdfReader(order.get("in").asText());
        try (OutputStream out = new FileOutputStream(order.get("out").asText())) {
            boolean append = !order.path("rewrite").asBoolean();
            PdfStamper stamper = PdfStamper.createSignature(reader, out, '\0', null, append);
            PdfSignatureAppearance appearance = stamper.getSignatureAppearance();
            Calendar now = Calendar.getInstance();
            appearance.setSignDate(now);
            appearance.setReason("TEST approval");
            appearance.setLocation("TEST ward");
            appearance.setLayer2Text("TEST signed by OpenPDF");
            if (order.path("visible").asBoolean()) {
                appearance.setVisibleSignature(new Rectangle(60, 60, 260, 120), 1, "Signature1");
            }
            if (order.has("field")) {
                appearance.setVisibleSignature(order.get("field").asText());
            }
            if (order.has("certify")) {
                appearance.setCertificationLevel(order.get("certify").asInt());
            }
            if (order.path("timestamp").asBoolean()) {
                detached(order, key, chain, appearance, now);
            } else {
                appearance.setCrypto(key, chain, null, name(order.path("filter").asText()));
                stamper.close();
            }
        }
    }

    private static PdfName name(String filter) {
        return filter.equals("sha1") ? PdfSignatureAppearance.WINCER_SIGNED : PdfSignatureAppearance.SELF_SIGNED;
    }

    /** A detached CMS with a signature timestamp, in the manner of the library's examples. */
    private static void detached(
            JsonNode order, PrivateKey key, Certificate[] chain, PdfSignatureAppearance appearance, Calendar now)
            throws Exception {
        PdfSignature dictionary = new PdfSignature(PdfName.ADOBE_PPKLITE, new PdfName("adbe.pkcs7.detached"));
        dictionary.setReason(appearance.getReason());
        dictionary.setLocation(appearance.getLocation());
        dictionary.setDate(new PdfDate(now));
        appearance.setCryptoDictionary(dictionary);
        Map<PdfName, Integer> room = new HashMap<>();
        room.put(PdfName.CONTENTS, ROOM * 2 + 2);
        appearance.preClose(room);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(appearance.getRangeStream().readAllBytes());
        PdfPKCS7 worker = new PdfPKCS7(key, chain, null, "SHA-256", null, false);
        byte[] attributes = worker.getAuthenticatedAttributeBytes(digest, now, null);
        worker.update(attributes, 0, attributes.length);
        byte[] signed = worker.getEncodedPKCS7(digest, now, new TSAClientBouncyCastle(order.get("tsa").asText()), null);
        byte[] padded = new byte[ROOM];
        System.arraycopy(signed, 0, padded, 0, signed.length);
        PdfDictionary last = new PdfDictionary();
        last.put(PdfName.CONTENTS, new PdfString(padded).setHexWriting(true));
        appearance.close(last);
    }
}
