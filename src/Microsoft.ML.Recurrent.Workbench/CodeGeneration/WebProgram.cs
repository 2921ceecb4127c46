using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A program that answers by HTTP.</summary>
internal sealed class WebProgram : ProgramCode
{
    public override string Suffix => "WebApi";

    public override string Sdk => "Microsoft.NET.Sdk.Web";

    public override ImmutableArray<string> Packages => ["Microsoft.AspNetCore.OpenApi"];

    public override IEnumerable<(string Name, string Text)> Files(GeneratedModel model, ModelCode code, string @namespace)
    {
        var classes = code.Task.WebClasses();
        yield return ("Program.cs", $$"""
            {{SourceText.Header}}
            // OpenAPI: /openapi/v1.json   health: /health
            using System.Text.Json.Serialization;
            using Microsoft.Extensions.Diagnostics.HealthChecks;
            using Microsoft.ML;
            using Microsoft.ML.Recurrent;
            using {{@namespace}};

            var builder = WebApplication.CreateBuilder(args);
            // A missing number is NaN, which JSON has no number for.
            builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals);
            builder.Services.AddOpenApi();
            // The model is loaded by the first question, and a file that cannot be read is told as unhealthy.
            builder.Services.AddHealthChecks().AddCheck("model", () => HealthCheckResult.Healthy({{code.ClassName}}.Model.Value.GetType().Name));
            {{code.Task.AddServices()}}

            var app = builder.Build();
            app.MapOpenApi();
            app.MapHealthChecks("/health");
            {{code.Task.MapEndpoints()}}
            app.Run();
            {{(classes.Length == 0 ? "" : "\n" + classes + "\n")}}
            """.ReplaceLineEndings("\n"));
        yield return ("Dockerfile", $$"""
            FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
            WORKDIR /src
            COPY . .
            RUN dotnet publish -c Release -o /app

            FROM mcr.microsoft.com/dotnet/aspnet:10.0
            WORKDIR /app
            COPY --from=build /app .
            EXPOSE 8080
            USER $APP_UID
            ENTRYPOINT ["dotnet", "{{@namespace}}.dll"]

            """.ReplaceLineEndings("\n"));
        yield return (".dockerignore", "bin/\nobj/\n");
        yield return ("appsettings.json", """
            {
              "AllowedHosts": "*",
              "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
            }

            """.ReplaceLineEndings("\n"));
    }
}
