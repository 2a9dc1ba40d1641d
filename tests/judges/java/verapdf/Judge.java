// veraPDF as a judge: reads `flavour,flavour<TAB>file` lines on stdin, writes one JSON line per file on stdout.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** One JVM that stays warm across files; the caller names the flavours, so a file that claims nothing cannot pass. */
public final class Judge {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Judge() {}

    public static void main(String[] arguments) throws IOException {
        PrintStream verdicts = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not be read as a verdict
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split("\t", 2);
            Map<String, Object> verdict = new LinkedHashMap<>();
            verdict.put("file", parts[1]);
            Map<String, Object> flavours = new LinkedHashMap<>();
            for (String flavour : parts[0].split(",")) {
                flavours.put(flavour, judge(new File(parts[1]), flavour));
            }
            verdict.put("flavours", flavours);
            verdicts.println(JSON.writeValueAsString(verdict));
        }
    }

    private static Map<String, Object> judge(File file, String id) {
        Map<String, Object> said = new LinkedHashMap<>();
        Map<String, String> failed = new TreeMap<>();
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            said.put("ended", "unknown flavour");
        } else {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                ValidationResult result = validator.validate(parser);
                result.getFailedChecks().keySet().forEach(rule -> failed.put(name(rule), ""));
                for (TestAssertion assertion : result.getTestAssertions()) {
                    if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                        failed.put(name(assertion.getRuleId()), assertion.getMessage());
                    }
                }
                said.put("compliant", result.isCompliant());
                said.put("ended", result.getJobEndStatus().getValue());
            } catch (Exception | StackOverflowError | OutOfMemoryError broken) {
                // Whatever stops veraPDF is its answer about this file, and must not end the judging of the others.
                said.put("ended", broken.toString());
            }
        }
        said.putIfAbsent("compliant", false);
        said.put("failed", failed);
        return said;
    }

    private static String name(RuleId rule) {
        return rule.getClause() + "-" + rule.getTestNumber();
    }
}
