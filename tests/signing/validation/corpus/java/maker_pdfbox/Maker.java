// Apache PDFBox with Bouncy Castle as a maker: one order as JSON per line on stdin, one answer as JSON per line on stdout.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import java.util.List;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationSquare;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceDictionary;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceStream;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureInterface;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDField;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAttributeTableGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.SignerInfoGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/** One JVM that stays warm. An order names `in`, `out`, `action` (sign, fill, annotate, title), and what makers/pdfbox.py says. */
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
        try (PDDocument document = Loader.loadPDF(new File(order.get("in").asText()));
                OutputStream out = new FileOutputStream(order.get("out").asText())) {
            switch (order.get("action").asText()) {
                case "sign" -> sign(order, document, out);
                case "fill" -> {
                    PDField field = document.getDocumentCatalog().getAcroForm().getField(order.get("field").asText());
                    field.setValue(order.get("value").asText());
                    for (PDAnnotationWidget widget : field.getWidgets()) {
                        widget.getCOSObject().setNeedToBeUpdated(true);
                        touch(widget.getAppearance());
                    }
                    field.getCOSObject().setNeedToBeUpdated(true);
                    document.saveIncremental(out);
                }
                case "annotate" -> {
                    annotate(document, order);
                    document.saveIncremental(out);
                }
                case "title" -> {
                    document.getDocumentInformation().setTitle("TEST another title");
                    document.getDocumentInformation().getCOSObject().setNeedToBeUpdated(true);
                    document.saveIncremental(out);
                }
                default -> throw new IllegalArgumentException("no such action");
            }
        }
    }

    private static void touch(PDAppearanceDictionary appearance) {
        if (appearance == null) {
            return;
        }
        appearance.getCOSObject().setNeedToBeUpdated(true);
        COSDictionary normal = appearance.getCOSObject().getCOSDictionary(COSName.N);
        if (normal != null) {
            normal.setNeedToBeUpdated(true);
        }
    }

    private static void annotate(PDDocument document, JsonNode order) throws IOException {
        PDPage page = document.getPage(0);
        JsonNode box = order.get("box");
        PDRectangle place = new PDRectangle(
                box.get(0).asInt(), box.get(1).asInt(), box.get(2).asInt(), box.get(3).asInt());
        PDAnnotationSquare square = new PDAnnotationSquare();
        square.setRectangle(place);
        square.setContents("TEST comment");
        square.setPrinted(true);
        PDAppearanceStream stream = new PDAppearanceStream(document);
        stream.setBBox(new PDRectangle(place.getWidth(), place.getHeight()));
        stream.setResources(new PDResources());
        try (OutputStream content = stream.getStream().createOutputStream()) {
            String drawn = order.path("opaque").asBoolean() ? "1 g 0 0 %f %f re f" : "0 0 1 RG 1 1 %f %f re S";
            content.write(String.format(drawn, place.getWidth() - 2, place.getHeight() - 2).getBytes(StandardCharsets.US_ASCII));
        }
        PDAppearanceDictionary appearance = new PDAppearanceDictionary();
        appearance.setNormalAppearance(stream);
        square.setAppearance(appearance);
        page.getAnnotations().add(square);
        COSArray annotations = page.getCOSObject().getCOSArray(COSName.ANNOTS);
        annotations.setNeedToBeUpdated(true);
        page.getCOSObject().setNeedToBeUpdated(true);
        square.getCOSObject().setNeedToBeUpdated(true);
        touch(appearance);
    }

    private static void sign(JsonNode order, PDDocument document, OutputStream out) throws Exception {
        PDSignature signature = new PDSignature();
        signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
        signature.setSubFilter(COSName.getPDFName(order.path("subfilter").asText("adbe.pkcs7.detached")));
        signature.setName("TEST signer");
        signature.setReason("TEST approval");
        signature.setSignDate(Calendar.getInstance());
        if (order.has("certify")) {
            certify(document, signature, order.get("certify").asInt());
        }
        if (order.has("field")) {
            PDSignatureField field = (PDSignatureField) document.getDocumentCatalog().getAcroForm().getField(order.get("field").asText());
            field.setValue(signature);
            field.getCOSObject().setNeedToBeUpdated(true);
        }
        try (SignatureOptions options = new SignatureOptions()) {
            options.setPreferredSignatureSize(order.path("room").asInt(30000));
            if (order.path("visible").asBoolean()) {
                options.setVisualSignature(template());
                options.setPage(0);
            }
            SignatureInterface signer = content -> {
                try {
                    return cms(order, content.readAllBytes());
                } catch (IOException failure) {
                    throw failure;
                } catch (Exception failure) {
                    throw new IOException(failure);
                }
            };
            document.addSignature(signature, signer, options);
            document.saveIncremental(out);
        }
    }

    private static void certify(PDDocument document, PDSignature signature, int permission) {
        COSDictionary parameters = new COSDictionary();
        parameters.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
        parameters.setInt(COSName.P, permission);
        parameters.setName(COSName.V, "1.2");
        COSDictionary reference = new COSDictionary();
        reference.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
        reference.setName("TransformMethod", "DocMDP");
        reference.setItem("TransformParams", parameters);
        COSArray references = new COSArray();
        references.add(reference);
        signature.getCOSObject().setItem("Reference", references);
        COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
        COSDictionary permissions = new COSDictionary();
        permissions.setItem(COSName.DOCMDP, signature);
        catalog.setItem(COSName.PERMS, permissions);
        catalog.setNeedToBeUpdated(true);
        permissions.setNeedToBeUpdated(true);
    }

    /** A PDF with one signature field, whose appearance PDFBox takes over. */
    private static InputStream template() throws IOException {
        try (PDDocument document = new PDDocument(); ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            PDPage page = new PDPage(PDRectangle.A4);
            document.addPage(page);
            PDAcroForm form = new PDAcroForm(document);
            document.getDocumentCatalog().setAcroForm(form);
            form.setSignaturesExist(true);
            form.setAppendOnly(true);
            form.getCOSObject().setDirect(true);
            PDSignatureField field = new PDSignatureField(form);
            PDAnnotationWidget widget = field.getWidgets().get(0);
            form.getFields().add(field);
            widget.setRectangle(new PDRectangle(60, 60, 200, 50));
            PDFormXObject drawing = new PDFormXObject(new PDStream(document));
            drawing.setResources(new PDResources());
            drawing.setBBox(new PDRectangle(200, 50));
            PDAppearanceDictionary appearance = new PDAppearanceDictionary();
            appearance.getCOSObject().setDirect(true);
            PDAppearanceStream stream = new PDAppearanceStream(drawing.getCOSObject());
            appearance.setNormalAppearance(stream);
            widget.setAppearance(appearance);
            try (PDPageContentStream content = new PDPageContentStream(document, stream)) {
                content.setNonStrokingColor(0.8f);
                content.addRect(0, 0, 200, 50);
                content.fill();
            }
            document.save(out);
            return new ByteArrayInputStream(out.toByteArray());
        }
    }

    private static byte[] cms(JsonNode order, byte[] content) throws Exception {
        char[] password = order.get("password").asText().toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = new FileInputStream(order.get("p12").asText())) {
            store.load(stream, password);
        }
        String alias = store.aliases().nextElement();
        PrivateKey key = (PrivateKey) store.getKey(alias, password);
        List<Certificate> chain = new ArrayList<>(Arrays.asList(store.getCertificateChain(alias)));
        X509Certificate signer = (X509Certificate) chain.get(0);
        if (order.path("alone").asBoolean()) {
            chain = List.of(signer);
        }
        String digest = order.path("digest").asText("SHA256");
        String algorithm = key.getAlgorithm().equals("EC") ? digest + "withECDSA"
                : digest + (order.path("pss").asBoolean() ? "withRSAandMGF1" : "withRSA");
        ContentSigner worker = new JcaContentSignerBuilder(algorithm).setProvider(new BouncyCastleProvider()).build(key);
        JcaSignerInfoGeneratorBuilder builder =
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build());
        builder.setDirectSignature(order.path("bare").asBoolean());
        if (order.path("subfilter").asText().startsWith("ETSI")) {
            builder.setSignedAttributeGenerator(withCertificate(signer));
        }
        SignerInfoGenerator information = order.path("ski").asBoolean()
                ? builder.build(worker, new JcaX509ExtensionUtils().createSubjectKeyIdentifier(signer.getPublicKey()).getKeyIdentifier())
                : builder.build(worker, signer);
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(information);
        generator.addCertificates(new JcaCertStore(chain));
        for (JsonNode file : order.path("crls")) {
            try (InputStream stream = new FileInputStream(file.asText())) {
                generator.addCRL(new X509CRLHolder(stream));
            }
        }
        boolean sha1 = order.path("subfilter").asText().equals("adbe.pkcs7.sha1");
        byte[] signed = sha1 ? MessageDigest.getInstance("SHA-1").digest(content) : content;
        CMSSignedData message = generator.generate(new CMSProcessableByteArray(signed), sha1);
        for (int count = order.path("timestamps").asInt(); count > 0; count--) {
            message = timestamped(message, order.get("tsa").asText());
        }
        return message.toASN1Structure().getEncoded(order.path("ber").asBoolean() ? "BER" : "DER");
    }

    /** The signed attributes, with the ESS signing certificate that CAdES asks for (ETSI EN 319 122-1, 5.2.2). */
    private static CMSAttributeTableGenerator withCertificate(X509Certificate signer) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(signer.getEncoded());
        SigningCertificateV2 value = new SigningCertificateV2(new ESSCertIDv2(hash));
        ASN1EncodableVector attributes = new ASN1EncodableVector();
        attributes.add(new Attribute(PKCSObjectIdentifiers.id_aa_signingCertificateV2, new DERSet(value)));
        return new DefaultSignedAttributeTableGenerator(new AttributeTable(attributes)) {
            @Override
            public AttributeTable getAttributes(java.util.Map parameters) {
                return super.getAttributes(parameters).remove(PKCSObjectIdentifiers.pkcs_9_at_signingTime);
            }
        };
    }

    private static CMSSignedData timestamped(CMSSignedData message, String tsa) throws Exception {
        SignerInformation signer = message.getSignerInfos().getSigners().iterator().next();
        byte[] imprint = MessageDigest.getInstance("SHA-256").digest(signer.getSignature());
        TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
        generator.setCertReq(true);
        TimeStampRequest request = generator.generate(TSPAlgorithms.SHA256, imprint, BigInteger.valueOf(System.nanoTime()));
        HttpURLConnection connection = (HttpURLConnection) URI.create(tsa).toURL().openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/timestamp-query");
        connection.getOutputStream().write(request.getEncoded());
        TimeStampResponse response;
        try (InputStream answer = connection.getInputStream()) {
            response = new TimeStampResponse(answer.readAllBytes());
        }
        ASN1EncodableVector attributes = signer.getUnsignedAttributes() == null
                ? new ASN1EncodableVector() : signer.getUnsignedAttributes().toASN1EncodableVector();
        attributes.add(new Attribute(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken,
                new DERSet(response.getTimeStampToken().toCMSSignedData().toASN1Structure())));
        SignerInformation stamped = SignerInformation.replaceUnsignedAttributes(signer, new AttributeTable(attributes));
        return CMSSignedData.replaceSigners(message, new SignerInformationStore(stamped));
    }
}
